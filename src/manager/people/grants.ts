import { userPoolsDetails } from '../../contract/details/people.js'
import { validate } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import { namesOf } from '../../model/names.js'
import type { Reader, Row } from '../../store/store.js'
import type { Act, ActEnd } from '../acts.js'
import { userTable } from '../schema.js'
import { already, failed, gone, peopleNamed, peopleOf, sorted } from './people.js'

/** `user grant`: pools for managers. Others have no use for them: a user has guests, an administrator everything. */
export const grantAct: Act<null> = {
  async check(reader, _caller, request) {
    mustBePools(await poolsNamed(reader, validate(userPoolsDetails, request.options.details).pools, []))
  },
  carryOut: (tx, acting) => changePools(tx, acting, 'grant'),
}

/** `user revoke`: takes pools back; one that is there no longer can still be granted. */
export const revokeAct: Act<null> = {
  async check(reader, _caller, request, targets) {
    const people = await peopleNamed(reader, targets.map(target => target.id))
    mustBePools(await poolsNamed(reader, validate(userPoolsDetails, request.options.details).pools, [...people.values()].flatMap(user => user.pools)))
  },
  carryOut: (tx, acting) => changePools(tx, acting, 'revoke'),
}

type Acting = Parameters<Act<null>['carryOut']>[1]

async function changePools(tx: Parameters<Act<null>['carryOut']>[0], { run, items }: Acting, way: 'grant' | 'revoke'): Promise<ActEnd[]> {
  const people = await peopleOf(tx, items)
  const { pools } = await poolsNamed(tx, validate(userPoolsDetails, run.options.details).pools, [...people.values()].flatMap(user => user.pools))
  const rows: Row[] = []
  const ends = items.map((item): ActEnd => {
    const user = people.get(item.targetId)
    if (!user) return gone(item, 'user')
    if (way === 'grant' && user.role !== 'manager') {
      return failed('user.role', `${item.name} is ${user.role === 'user' ? 'a user' : 'an administrator'}: pools are granted to managers`, user.role === 'user' ? `user update ${item.name} --role manager makes him one` : 'an administrator has all pools', user.state)
    }
    const after = way === 'grant' ? sorted([...user.pools, ...pools]) : user.pools.filter(pool => !pools.includes(pool))
    const other = way === 'grant' ? after.filter(pool => !user.pools.includes(pool)) : user.pools.filter(pool => !after.includes(pool))
    if (other.length === 0) return already(run, 'user', `user ${item.name} has ${way === 'grant' ? 'these pools already' : 'none of these pools'}`, user.state)
    rows.push({ name: item.name, pools: JSON.stringify(after) })
    return { result: 'done', error: null, state: user.state, event: `user ${item.name} was ${way === 'grant' ? 'granted' : 'deprived of'} ${other.length === 1 ? 'pool' : 'pools'} ${namesOf(other)}`, change: { before: { pools: user.pools }, after: { pools: after } } }
  })
  await tx.update(userTable, rows)
  return ends
}

/** The pools meant, by name or id, or known as granted; and what is no pool. */
async function poolsNamed(reader: Reader, wanted: readonly string[], granted: readonly string[]): Promise<{ pools: string[]; missing: string[] }> {
  const rows = await reader.select<{ id: string; name: string }>({ id: 'id', name: 'name' }, 'from pool where id in (select value from json_each(?1)) or name in (select value from json_each(?1))', [JSON.stringify(wanted)])
  const names = new Map([...granted.map(name => [name, name] as const), ...rows.map(row => [row.name, row.name] as const), ...rows.map(row => [row.id, row.name] as const)])
  return { pools: sorted(wanted.flatMap(one => names.get(one) ?? [])), missing: [...new Set(wanted)].filter(one => !names.has(one)) }
}

function mustBePools({ missing }: { missing: string[] }): void {
  if (missing.length > 0) throw new Refusal('not-found.pool', `no such pool: ${namesOf(missing)}`, 'pool list shows what there is', { missing })
}
