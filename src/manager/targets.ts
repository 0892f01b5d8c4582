import type { Selector } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { groupBy } from '../model/group.js'
import { globToRegExp, isGlob } from '../model/names.js'
import type { VmState } from '../model/vm-states.js'
import type { Reader } from '../store/store.js'
import { visible, type Caller } from './principal.js'
import { allOf, narrowed, type Condition } from './query.js'
import { recordSources } from './records.js'

/** A guest that a selector aims at. */
export interface Target {
  id: string
  name: string
  poolId: string
  pool: string
  state: VmState
  serverId: string | null
}

const selection = { id: 'g.id', name: 'g.name', poolId: 'g.pool_id', pool: 'p.name', state: 'g.state', serverId: 'g.server_id' }
const source = recordSources.vm

/** Whether a selector narrows by flags, beside names. */
export function isNarrowing({ narrowing }: Selector): boolean {
  return Object.values(narrowing).some(values => values.length > 0)
}

/**
 * The guests of a selector (cli.md, "Selecting targets"): names in the order given, each once; narrowing alone in list order.
 * @throws Refusal usage.nothing-selected, usage.argument, usage.ambiguous, not-found.vm, not-found.match
 */
export async function resolveTargets(reader: Reader, caller: Caller, selector: Selector): Promise<Target[]> {
  const narrowing = isNarrowing(selector)
  if (selector.all && selector.names.length > 0) throw new Refusal('usage.argument', '--all and names exclude each other', 'name guests, or take them all')
  if (!selector.all && selector.names.length === 0 && !narrowing) {
    throw new Refusal('usage.nothing-selected', 'no guest was named or selected', 'name guests, use --from, narrow with --pool, --server, --state, --tag or --filter, or take them --all')
  }
  if (selector.names.length === 0) {
    const found = await find(reader, caller, [narrowed('vm', selector.narrowing)])
    return nonEmpty(found, selector, narrowing)
  }
  const named = await byNames(reader, caller, selector)
  if (!narrowing || named.length === 0) return named
  const kept = new Set((await find(reader, caller, [narrowed('vm', selector.narrowing), idIn(named)])).map(target => target.id))
  return nonEmpty(named.filter(target => kept.has(target.id)), selector, narrowing)
}

function nonEmpty(found: Target[], selector: Selector, narrowing: boolean): Target[] {
  if (found.length > 0 || selector.allowEmpty || (!narrowing && !selector.all)) return found
  throw new Refusal('not-found.match', 'no guest matches', 'vm list takes the same --pool, --server, --state, --tag and --filter; --allow-empty makes this no error')
}

function find(reader: Reader, caller: Caller, conditions: readonly Condition[]): Promise<Target[]> {
  const where = allOf([...conditions, visible(caller)])
  return reader.select<Target>(selection, `from ${source.from} where ${where.sql} order by ${source.order.join(', ')}`, where.params)
}

function idIn(targets: readonly Target[]): Condition {
  return { sql: 'g.id in (select value from json_each(?))', params: [JSON.stringify(targets.map(target => target.id))] }
}

async function byNames(reader: Reader, caller: Caller, selector: Selector): Promise<Target[]> {
  const wanted = [...new Set(selector.names)]
  const plain = wanted.filter(text => !isGlob(text))
  const bare = JSON.stringify(plain.map(text => text.slice(text.indexOf('/') + 1)))
  const listed = plain.length === 0 ? [] : await find(reader, caller, [{ sql: 'g.id in (select value from json_each(?)) or g.name in (select value from json_each(?))', params: [bare, bare] }])
  const byId = new Map(listed.map(target => [target.id, target]))
  const byName = groupBy(listed, target => target.name)
  const found = new Map<string, Target>()
  const missing: string[] = []
  const ambiguous: { name: string; candidates: string[] }[] = []
  for (const text of wanted) {
    const matches = isGlob(text) ? await byGlob(reader, caller, text) : plainMatches(text)
    if (matches.length === 0) missing.push(text)
    else if (matches.length > 1 && !isGlob(text)) ambiguous.push({ name: text, candidates: matches.map(target => `${target.pool}/${target.name}`) })
    else for (const target of matches) found.set(target.id, target)
  }
  if (ambiguous.length > 0) {
    const [first] = ambiguous
    throw new Refusal('usage.ambiguous', `${first!.name} exists in more than one pool: ${first!.candidates.join(', ')}`, 'write pool/name', { ambiguous })
  }
  if (missing.length > 0 && !selector.ignoreMissing) {
    throw new Refusal('not-found.vm', `no such guest: ${missing.slice(0, 10).join(', ')}${missing.length > 10 ? ` and ${missing.length - 10} more` : ''}`, 'vm list shows what there is; --ignore-missing drops such names', { missing })
  }
  return [...found.values()]

  function plainMatches(text: string): Target[] {
    const slash = text.indexOf('/')
    if (slash >= 0) return (byName.get(text.slice(slash + 1)) ?? []).filter(target => target.pool === text.slice(0, slash))
    const target = byId.get(text)
    return target ? [target] : (byName.get(text) ?? [])
  }
}

/** Guests of a glob; its fixed beginning is looked up by index. */
function byGlob(reader: Reader, caller: Caller, text: string): Promise<Target[]> {
  const slash = text.indexOf('/')
  const glob = text.slice(slash + 1)
  const fixed = /^[^*?[]*/.exec(glob)![0]
  const conditions: Condition[] = [{ sql: 'g.name >= ? and g.name < ? and matches(?, g.name)', params: [fixed, `${fixed}\u{10ffff}`, globToRegExp(glob).source] }]
  if (slash >= 0) conditions.push({ sql: 'matches(?, p.name)', params: [globToRegExp(text.slice(0, slash)).source] })
  return find(reader, caller, conditions)
}
