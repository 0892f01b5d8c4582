import { kindWords } from '../contract/fields.js'
import type { Selector, TargetRef } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { groupBy } from '../model/group.js'
import { isGlob } from '../model/glob.js'
import type { TargetKind } from '../model/operations.js'
import { namesOf } from '../model/names.js'
import type { Reader } from '../store/store.js'
import { mayLook } from './looking.js'
import type { Caller } from './principal.js'
import { allOf, checkPlaces, like, narrowed, type Condition } from './query.js'
import { recordSources } from './records.js'

/** An object that a selector aims at. */
export interface Target {
  id: string
  name: string
  poolId: string
  pool: string
  /** null: it has none, or is not there yet */
  state: string | null
  /** by what else it can be named */
  also?: string
}

/** Whether a selector narrows by flags, beside names. */
export function isNarrowing({ narrowing }: Selector): boolean {
  return Object.values(narrowing).some(values => values.length > 0)
}

/**
 * The objects of a selector (cli.md, "Selecting targets"): names in the order given, each once; narrowing alone in list order.
 * @throws Refusal usage.nothing-selected, usage.argument, usage.ambiguous, not-found.vm, not-found.server, not-found.pool, not-found.match
 */
export async function resolveTargets(reader: Reader, caller: Caller, kind: TargetKind, selector: Selector): Promise<Target[]> {
  const aim = new Aim(reader, caller, kind)
  const narrowing = isNarrowing(selector)
  const named = selector.targets.length > 0 || selector.listed
  if (selector.all && named) throw new Refusal('usage.argument', `--all and ${selector.listed ? '--from' : 'names'} exclude each other`, `name ${kindWords[kind]}s, or take them all`)
  if (!selector.all && !named && !narrowing) {
    throw new Refusal('usage.nothing-selected', `no ${kindWords[kind]} was named or selected`, 'give names, use --from, narrow with --pool, --server, --state, --tag or --filter, or take them --all')
  }
  if (!named) return nonEmpty(reader, await aim.find([await narrowed(kind, selector.narrowing)]), selector, kind)
  const found = await aim.byRefs(selector.targets, selector.ignoreMissing)
  if (!narrowing || found.length === 0) return selector.targets.length === 0 ? nonEmpty(reader, found, selector, kind) : found
  const kept = new Set((await aim.find([await narrowed(kind, selector.narrowing), aim.idIn(found)])).map(target => target.id))
  return nonEmpty(reader, found.filter(target => kept.has(target.id)), selector, kind)
}

/** What was found, which may not be nothing; a pool or server that there is not beside one that there is would go unseen. */
async function nonEmpty(reader: Reader, found: Target[], selector: Selector, kind: TargetKind): Promise<Target[]> {
  if (selector.allowEmpty) return found
  if (found.length > 0) {
    await checkPlaces(reader, selector.narrowing)
    return found
  }
  throw new Refusal('not-found.match', `no ${kindWords[kind]} matches`, `${kind} list takes the same narrowing; --allow-empty makes this no error`)
}

/** Finds the objects of one kind that a caller may see. */
class Aim {
  private readonly source
  private readonly selection

  constructor(private readonly reader: Reader, private readonly caller: Caller, private readonly kind: TargetKind) {
    this.source = recordSources[kind]
    const { id, name, poolId, poolName, also, expressions } = this.source
    this.selection = { id, name: name ?? id, poolId: poolId ?? `''`, pool: poolName ?? expressions['pool'] ?? `''`, state: expressions['state'] ?? 'null', ...(also === undefined ? {} : { also }) }
  }

  find(conditions: readonly Condition[]): Promise<Target[]> {
    const where = allOf([...conditions, mayLook(this.kind, this.caller)])
    return this.reader.select<Target>(this.selection, `from ${this.source.from} where ${where.sql} order by ${this.source.order.join(', ')}`, where.params)
  }

  idIn(targets: readonly { id: string }[]): Condition {
    return { sql: `${this.source.id} in (select value from json_each(?))`, params: [JSON.stringify(targets.map(target => target.id))] }
  }

  async byRefs(refs: readonly TargetRef[], ignoreMissing: boolean): Promise<Target[]> {
    const wanted = [...new Map(refs.map(ref => [typeof ref === 'string' ? ref : JSON.stringify(ref), ref])).values()]
    const matches = await this.plain(wanted.filter(ref => !isPattern(ref)))
    const found = new Map<string, Target>()
    const missing: string[] = []
    const ambiguous: { name: string; candidates: string[] }[] = []
    for (const ref of wanted) {
      const of = isPattern(ref) ? await this.byGlob(ref) : matches(ref)
      if (of.length === 0) missing.push(written(ref))
      else if (of.length > 1 && !isPattern(ref)) ambiguous.push({ name: written(ref), candidates: of.map(target => `${target.pool}/${target.name}`) })
      else for (const target of of) found.set(target.id, target)
    }
    const [first] = ambiguous
    if (first) throw new Refusal('usage.ambiguous', `${first.name} exists in more than one pool: ${first.candidates.join(', ')}`, 'write pool/name', { ambiguous })
    if (missing.length > 0 && !ignoreMissing) {
      throw new Refusal(`not-found.${this.kind}`, `no such ${kindWords[this.kind]}: ${namesOf(missing)}`, `${this.kind} list shows what there is; --ignore-missing drops such names`, { missing })
    }
    return [...found.values()]
  }

  /** Looks plain references up together; the answer finds those of one. */
  private async plain(refs: readonly TargetRef[]): Promise<(ref: TargetRef) => Target[]> {
    const { id, also } = this.source
    const name = this.source.name ?? id
    const ids = JSON.stringify(refs.flatMap(ref => (typeof ref === 'string' ? [ref] : 'id' in ref ? [ref.id] : [])))
    const names = JSON.stringify(refs.flatMap(ref => (typeof ref === 'string' ? (also === undefined ? [ref.slice(ref.indexOf('/') + 1)] : spellings(ref)) : 'name' in ref ? [ref.name] : [])))
    const listed = refs.length === 0 ? [] : await this.find([{ sql: `${id} in (select value from json_each(?)) or ${name} in (select value from json_each(?))${also === undefined ? '' : ` or ${also} in (select value from json_each(?))`}`, params: also === undefined ? [ids, names] : [ids, names, ids] }])
    const byId = new Map(listed.map(target => [target.id, target]))
    const byName = groupBy(listed, target => target.name)
    const byAlso = new Map(listed.flatMap(target => (target.also === undefined ? [] : [[target.also, target]])))
    const named = (name: string, pool: string | null) => (byName.get(name) ?? []).filter(target => pool === null || target.pool === pool)
    return ref => {
      if (typeof ref !== 'string') return 'id' in ref ? one(byId.get(ref.id)) : named(ref.name, ref.pool)
      if (byId.has(ref)) return one(byId.get(ref))
      if (byAlso.has(ref)) return one(byAlso.get(ref))
      if (also !== undefined) return inPool(ref, named)
      const slash = ref.indexOf('/')
      return slash < 0 ? named(ref, null) : named(ref.slice(slash + 1), ref.slice(0, slash))
    }
  }

  /** Objects of a glob; its fixed beginning is looked up by index. */
  private byGlob(text: string): Promise<Target[]> {
    const { id, poolName } = this.source
    const name = this.source.name ?? id
    const slash = this.source.also !== undefined && text.startsWith('/') ? -1 : text.indexOf('/')
    const glob = text.slice(slash + 1)
    const fixed = /^[^*?[]*/.exec(glob)![0]
    const conditions: Condition[] = [{ sql: `${name} >= ? and ${name} < ?`, params: [fixed, `${fixed}\u{10ffff}`] }, like(name, glob)]
    if (slash >= 0) conditions.push(like(poolName!, text.slice(0, slash)))
    return this.find(conditions)
  }
}

/** The names that a reference to something called by a device can mean: all of it, or what follows a pool, with or without its first slash. */
function spellings(ref: string): string[] {
  const rest = ref.slice(ref.indexOf('/') + 1)
  return [ref, rest, `/${rest}`]
}

/** What is called by a device: the whole of the text, or `pool/device`. */
function inPool(ref: string, named: (name: string, pool: string | null) => Target[]): Target[] {
  const whole = named(ref, null)
  const slash = ref.indexOf('/')
  if (whole.length > 0 || slash <= 0) return whole
  const pool = ref.slice(0, slash)
  return spellings(ref).slice(1).flatMap(name => named(name, pool))
}

function one(target: Target | undefined): Target[] {
  return target ? [target] : []
}

function isPattern(ref: TargetRef): ref is string {
  return typeof ref === 'string' && isGlob(ref)
}

function written(ref: TargetRef): string {
  if (typeof ref === 'string') return ref
  return 'id' in ref ? ref.id : ref.pool === null ? ref.name : `${ref.pool}/${ref.name}`
}
