import type { FaultOrder, FaultSummary } from '../contract/farms.js'
import { Refusal } from '../model/errors.js'
import { checkFault, faultKindFacts, type FaultSubject } from '../model/fault-kinds.js'
import { formatTime } from '../model/units.js'
import { lastClockMs } from '../model/moments.js'
import { namesOf } from '../model/names.js'
import { isRepositoryMeant } from '../model/repositories.js'
import { SimClock } from '../sim/clock.js'
import { addFault, clearFaults, listFaults } from '../sim/fault-book.js'
import type { FaultRow } from '../sim/schema.js'
import { World } from '../sim/world.js'
import type { Reader, Store } from '../store/store.js'

/** The two stores of a farm: names are the manager's, faults are the world's. */
export interface FarmStores { repository: Store; world: Store }

/** Adds a fault to a farm. @throws Refusal sim.fault, usage.ambiguous, not-found.server, not-found.vm, not-found.repo */
export async function addFaultTo({ repository, world }: FarmStores, order: FaultOrder): Promise<FaultSummary> {
  const kind = checkFault(order)
  const subject = await repository.read(reader => subjectOf(reader, faultKindFacts(kind).takes, order.subject))
  const { farmNow } = await new SimClock(new World(world)).reading()
  const atMs = order.at === null ? farmNow + (order.afterMs ?? 0) : Date.parse(order.at)
  if (Number.isNaN(atMs)) throw new Refusal('sim.fault', `--at: ${JSON.stringify(order.at)} is not a time`, 'write 2010-07-28T00:05:00Z, or 5m from now')
  if (atMs > lastClockMs) throw new Refusal('sim.fault', `--at: ${formatTime(lastClockMs)} is the last that the clock goes to`, `it is ${formatTime(farmNow)} on the farm`)
  if (atMs < farmNow) throw new Refusal('sim.fault', `--at: ${formatTime(atMs)} has passed`, `it is ${formatTime(farmNow)} on the farm`)
  return summaryOf(await world.transact(tx => addFault(tx, { ...order, kind, subjectId: subject.id, subject: subject.name, atMs })))
}

/** The faults of a farm, oldest first. */
export async function faultsOf({ world }: FarmStores): Promise<FaultSummary[]> {
  return (await world.read(listFaults)).map(summaryOf)
}

/** Ends faults of a farm and forgets them, all when none is named; as they ended. @throws Refusal not-found.fault */
export function clearFaultsOf({ world }: FarmStores, ids: readonly string[]): Promise<FaultSummary[]> {
  return world.transact(async tx => {
    const faults = await listFaults(tx)
    const missing = ids.filter(id => !faults.some(fault => idOf(fault) === id))
    if (missing.length > 0) throw new Refusal('not-found.fault', `no such fault: ${namesOf(missing)}`, 'sim fault list shows what there is', { missing })
    const named = ids.length === 0 ? faults : faults.filter(fault => ids.includes(idOf(fault)))
    await clearFaults(tx, named)
    return named.map(summaryOf)
  })
}

function idOf(fault: FaultRow): string {
  return `fault-${fault.number}`
}

function summaryOf(fault: FaultRow): FaultSummary {
  return {
    id: idOf(fault), kind: fault.kind, subject: fault.subject, state: fault.state, at: formatTime(fault.begin_at), until: fault.until_at === null ? null : formatTime(fault.until_at),
    probability: fault.probability, count: fault.most, occasions: fault.occasions,
  }
}

/** How each kind of subject is looked up. Repositories have no names: their uuid does, or their device. */
const lookUps: Record<FaultSubject, { from: string; name: string; pool: string; word: string; list: string }> = {
  server: { from: 'server o left join pool p on p.id = o.pool_id', name: 'o.name', pool: 'p.name', word: 'server', list: 'server list' },
  vm: { from: 'vm o join pool p on p.id = o.pool_id', name: 'o.name', pool: 'p.name', word: 'guest', list: 'vm list' },
  repo: { from: 'repo o join pool p on p.id = o.pool_id', name: 'o.uuid', pool: 'p.name', word: 'repository', list: 'repo list' },
}

/** What a text names among some kinds of subjects: an id, a name, or pool/name. */
async function subjectOf(reader: Reader, takes: readonly [FaultSubject, ...FaultSubject[]], text: string): Promise<{ id: string; name: string }> {
  const found = (await Promise.all(takes.map(kind => candidates(reader, kind, text)))).flat()
  const [only] = found
  if (!only) {
    const words = takes.map(kind => lookUps[kind].word).join(' or ')
    throw new Refusal(`not-found.${takes[0]}`, `no such ${words}: ${text}`, `${takes.map(kind => lookUps[kind].list).join(', ')} ${takes.length === 1 ? 'shows' : 'show'} what there is`, { missing: [text] })
  }
  if (found.length > 1) throw new Refusal('usage.ambiguous', `${text} is more than one thing: ${found.map(one => `${one.word} ${one.pool}/${one.name}`).join(', ')}`, 'write pool/name, or an id')
  return { id: only.id, name: text.includes('/') ? `${only.pool}/${only.name}` : only.name }
}

async function candidates(reader: Reader, kind: FaultSubject, text: string): Promise<{ id: string; name: string; pool: string; word: string }[]> {
  const { from, name, pool, word } = lookUps[kind]
  const slash = text.indexOf('/')
  const selection = { id: 'o.id', name, pool, word: `'${word}'` }
  const byId = await reader.select<{ id: string; name: string; pool: string; word: string }>(selection, `from ${from} where o.id = ?`, [text])
  if (byId.length > 0) return byId
  if (kind === 'repo') {
    const rows = await reader.select<{ id: string; uuid: string; device: string; pool: string; word: string }>({ ...selection, uuid: 'o.uuid', device: 'o.device' }, `from ${from} order by ${pool}`)
    return rows.filter(row => isRepositoryMeant(text, row, row.pool)).map(({ uuid, device, ...row }) => ({ ...row, name: text === uuid ? uuid : device }))
  }
  if (slash < 0) return reader.select(selection, `from ${from} where ${name} = ? order by ${pool}`, [text])
  return reader.select(selection, `from ${from} where ${name} = ? and ${pool} = ?`, [text.slice(slash + 1), text.slice(0, slash)])
}
