import type { Reader } from '../../store/store.js'

/** Something that lies in a repository, or is on its way there. */
export interface Held { kind: string; name: string }

/** How many of the things in a repository are named. */
export const mostNamed = 100

/** What the rules look at of a repository that is to be changed. */
export interface RepoFacts {
  id: string; root: boolean; state: string; ha: boolean
  /** which repository of its pool is the root */
  rootNow: { id: string; name: string } | null
  /** the release of its pool's servers */
  release: string
  /** how many other repositories its pool has */
  others: number
  /** guests of the pool that are not off */
  guestsUp: string[]
  /** what lies in it, the first of them by name, and how much there is */
  holds: Held[]
  holdsCount: number
}

/** What lies in a repository `r`, or is being moved there: objects with `kind` and `name`. */
const inside = `(select 'vm' as kind, u.name, u.name_key, u.repo_id from vm u union all select t.kind, t.name, t.name_key, t.repo_id from resource t
  union all select 'vm', u.name, u.name_key, i.repo_id from item i join vm u on u.id = i.target_id where i.lease is not null and i.operation = 'vm.move' and i.repo_id is not u.repo_id) x`

/** The facts of repositories, by id. */
export async function loadRepoFacts(reader: Reader, ids: readonly string[]): Promise<Map<string, RepoFacts>> {
  const rows = await reader.select<{ id: string; poolId: string; root: number; state: string; ha: number; release: string; others: number; guestsUp: string; holdsCount: number; rootNow: string | null }>({
    id: 'r.id', poolId: 'r.pool_id', root: 'r.root', state: 'r.state', ha: 'p.ha', release: releaseOf('r.pool_id'), others: '(select count(*) from repo o where o.pool_id = r.pool_id and o.id <> r.id)',
    guestsUp: `(select json_group_array(u.name) from (select name from vm where pool_id = r.pool_id and state not in ('powered-off', 'suspended') order by name_key limit ${mostNamed}) u)`,
    rootNow: `(select json_object('id', o.id, 'name', o.device) from repo o where o.pool_id = r.pool_id and o.root = 1)`,
    holdsCount: `(select count(*) from ${inside} where x.repo_id = r.id)`,
  }, 'from repo r join pool p on p.id = r.pool_id where r.id in (select value from json_each(?))', [JSON.stringify(ids)])
  const facts = new Map<string, RepoFacts>()
  for (const { root, ha, guestsUp, rootNow, ...row } of rows) {
    const holds = row.holdsCount === 0 ? [] : await reader.select<Held>({ kind: 'x.kind', name: 'x.name' }, `from ${inside} where x.repo_id = ? order by x.kind, x.name_key limit ${mostNamed}`, [row.id])
    facts.set(row.id, { ...row, root: root === 1, ha: ha === 1, guestsUp: JSON.parse(guestsUp) as string[], rootNow: rootNow === null ? null : (JSON.parse(rootNow) as { id: string; name: string }), holds })
  }
  return facts
}

/** The release of a pool's servers, the oldest of them, as an expression over its id. */
export function releaseOf(poolId: string): string {
  return `(select coalesce(min(s.release), '2.2') from server s where s.pool_id = ${poolId})`
}
