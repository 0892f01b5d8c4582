import type { AgentService, GuestFacts, Outcome, PowerOutcome, ServerPower } from '../host/ports.js'
import { operationRow, vmVerb, type RunOperation } from '../model/operations.js'
import { serverStateOf } from '../model/server-states.js'
import { settledStates, vmTransition, type VmState } from '../model/vm-states.js'
import type { Reader, Row, Transaction } from '../store/store.js'
import type { Parts } from './parts.js'
import { acknowledgeAll, inspectGuests, reportAll } from './pool-channel.js'
import { reportedRow } from './reported.js'
import { addEvents } from './run-records.js'
import { eventTable, serverTable, vmTable } from './schema.js'
import { recordProgress, settleOutcomes, settlePower } from './settle.js'

interface KnownServer { id: string; name: string; poolId: string; state: string; maintenance: number }
interface RecordedGuest { id: string; name: string; poolId: string; state: VmState; serverId: string | null; targetServerId: string | null; domainId: number | null; lease: string | null; operation: RunOperation | null; jobServerId: string | null }

/**
 * Asks servers what they have to tell, by the masters of their pools, and records it: how jobs ended, what happened that nobody
 * asked for, which servers fell silent and which came back. Of guests on silent servers the rest of the pool is asked: what it
 * knows for certain is recorded, what nobody knows is `unknown`. Where work has ended and there is nothing else to tell, `goOn` may
 * go on in the commit that records it.
 */
export async function collect(parts: Parts, serverIds: readonly string[], goOn?: (tx: Transaction) => Promise<void>): Promise<void> {
  if (serverIds.length === 0) return
  const poolOf = await parts.directory.poolOf(serverIds)
  const asked = [...new Set(serverIds)].flatMap(id => (poolOf.has(id) ? [{ id, poolId: poolOf.get(id)! }] : []))
  // One that no record names is being made a member, or was when its command died: it has nobody to tell.
  if (asked.length < serverIds.length) await parts.masters.heard(serverIds.filter(id => !poolOf.has(id)))
  if (asked.length === 0) return
  const report = await reportAll(parts, asked)
  const silent = new Set(report.silent)
  const told = report.notices.flatMap(notice => (notice.vmId === null ? [notice.serverId] : []))
  const record = () => parts.store.read(reader => recordOf(reader, asked.map(server => server.id), silent))
  const recorded = await record()
  const power = await powerOutcomes(parts, [...recorded.switching, ...silent, ...told])
  let settled = power.length === 0 ? 0 : await parts.store.transact(tx => settlePower(tx, power))
  // On a server that was switched, or came back, nothing is as it was.
  const switched = [...new Set([...power.map(outcome => outcome.serverId), ...told])]
  const { odd } = power.length === 0 ? recorded : await record()
  if (report.fetching.length > 0) await parts.store.transact(tx => recordProgress(tx, report.fetching))
  const noticed = report.notices.flatMap(notice => (notice.vmId === null ? [] : [notice.vmId]))
  const plain = silent.size === 0 && report.notices.length === 0 && power.length === 0 && odd.length === 0
  if (report.outcomes.length > 0) {
    settled += await parts.store.transact(async tx => {
      const count = await settleOutcomes(tx, report.outcomes)
      if (plain) await goOn?.(tx)
      return count
    })
  }
  const busy = noticed.length > 0 || odd.length > 0 || switched.length > 0 ? await takeCensus(parts, odd, switched, silent, noticed) : noGuests
  // One that has power and is silent only because its pool's master is will be asked again.
  if (silent.size > 0) await parts.masters.heard(await powerless(parts, [...silent]))
  // What befell a guest that is just being changed is told again, until the change has ended.
  const notices = report.notices.filter(notice => notice.vmId === null || !busy.has(notice.vmId))
  if (settled + odd.length > 0) parts.stir.mark()
  if (report.outcomes.length > 0 || notices.length > 0) await acknowledgeAll(parts, { ...report, notices }, new Map(asked.map(server => [server.id, server.poolId])))
  await Promise.all(power.map(({ serverId, job }) => parts.masters.power(serverId).acknowledge([job])))
  // With a server that is back others may be heard again: those of its pool, when it is the master.
  if (odd.some(server => !silent.has(server.id)) || power.some(outcome => outcome.agent === 'running')) await collect(parts, (await downServers(parts)).filter(id => !serverIds.includes(id)))
}

/** Of servers, those that are not up, by their power ports. */
async function powerless(parts: Parts, serverIds: readonly string[]): Promise<string[]> {
  const power = await Promise.all(serverIds.map(id => parts.masters.power(id).status()))
  return serverIds.filter((_, at) => power[at] !== 'on')
}

const noGuests: ReadonlySet<string> = new Set()

/** How work on the power of servers ended, by their management controllers, which tell whether the servers are up or not. */
async function powerOutcomes(parts: Parts, serverIds: readonly string[]): Promise<PowerOutcome[]> {
  return (await Promise.all([...new Set(serverIds)].map(id => parts.masters.power(id).outcomes()))).flat()
}

const recordedDown = `state in ('unreachable', 'off', 'dead', 'starting') and not exists (select 1 from item i where i.lease = server.id)`

/** Of servers that were asked, those that are being switched, and those whose record does not fit the answer: silent and recorded up, or answering and recorded down. */
async function recordOf(reader: Reader, serverIds: readonly string[], silent: ReadonlySet<string>): Promise<{ switching: string[]; odd: KnownServer[] }> {
  const selection = { id: 'id', name: 'name', poolId: 'pool_id', state: 'state', maintenance: 'maintenance' }
  const among = 'id in (select value from json_each(?))'
  const asked = [JSON.stringify(serverIds)]
  const switching = await reader.select<{ id: string }>({ id: 'target_id' }, `from item where lease in (select value from json_each(?)) and kind = 'server'`, asked)
  const down = await reader.select<KnownServer>(selection, `from server where ${among} and ${recordedDown}`, asked)
  const up = silent.size === 0 ? [] : await reader.select<KnownServer>(selection, `from server where ${among} and state in ('active', 'maintenance') and not exists (select 1 from item i where i.lease = server.id)`, [JSON.stringify([...silent])])
  return { switching: switching.map(row => row.id), odd: [...down.filter(row => !silent.has(row.id) || row.state === 'unreachable'), ...up] }
}

/**
 * Looks at what is recorded on servers that fell silent, came back or were switched, and at guests of which something was told.
 * Of a silent server the power port is asked: on one that is off no guest runs, whoever can or cannot be asked. The guests whose
 * records were left alone because they are just being changed.
 */
async function takeCensus(parts: Parts, odd: readonly KnownServer[], switched: readonly string[], silent: ReadonlySet<string>, noticed: readonly string[]): Promise<ReadonlySet<string>> {
  const looked = [...odd.map(server => server.id), ...switched]
  const ports = await Promise.all([...new Set([...looked.filter(id => silent.has(id)), ...odd.map(server => server.id)])].map(async id => ({ id, power: await parts.masters.power(id).status(), agent: await parts.masters.power(id).agent() })))
  const power = new Map(ports.map(port => [port.id, port.power]))
  const agents = new Map(ports.map(port => [port.id, port.agent]))
  const serverIds = JSON.stringify(looked)
  const guests = await parts.store.read(reader => loadGuests(reader, `g.server_id in (select value from json_each(?)) or g.target_server_id in (select value from json_each(?)) or g.id in (select value from json_each(?))`, [serverIds, serverIds, JSON.stringify(noticed)]))
  const facts = new Map<string, GuestFacts>(await inspectGuests(parts, guests))
  for (const guest of guests) {
    const fact = facts.get(guest.id) ?? downWith(guest, power)
    if (fact) facts.set(guest.id, fact)
  }
  const nowMs = await parts.clock.nowMs()
  return parts.store.transact(async tx => {
    await recordServers(tx, odd, silent, power, agents, nowMs)
    return recordGuests(tx, guests, facts, silent, nowMs)
  })
}

/** What is certain of a guest whose server is off: it does not run. One that was being resumed still has its saved image. */
function downWith(guest: RecordedGuest, power: ReadonlyMap<string, ServerPower>): GuestFacts | null {
  const servers = [guest.lease === null ? guest.serverId : guest.jobServerId, guest.targetServerId].filter(id => id !== null)
  if (servers.length === 0 || servers.some(id => power.get(id) !== 'off')) return null
  return { vmId: guest.id, state: guest.operation === 'vm.resume' ? 'suspended' : 'powered-off', serverId: null, domainId: null, vncPort: null, startedAtMs: null }
}

function loadGuests(reader: Pick<Transaction, 'select'>, where: string, params: readonly string[]): Promise<RecordedGuest[]> {
  return reader.select<RecordedGuest>({ id: 'g.id', name: 'g.name', poolId: 'g.pool_id', state: 'g.state', serverId: 'g.server_id', targetServerId: 'g.target_server_id', domainId: 'g.domain_id', lease: 'i.job', operation: 'i.operation', jobServerId: 'i.server_id' }, `from vm g left join item i on i.lease = g.id where ${where} order by g.name_key`, params)
}

async function recordServers(tx: Transaction, odd: readonly KnownServer[], silent: ReadonlySet<string>, power: ReadonlyMap<string, ServerPower>, agents: ReadonlyMap<string, AgentService>, nowMs: number): Promise<void> {
  // Since they were looked up somebody may have begun to switch one: then its record is his.
  const still = new Map((await tx.select<{ id: string; state: string }>({ id: 's.id', state: 's.state' }, 'from server s where s.id in (select value from json_each(?)) and not exists (select 1 from item i where i.lease = s.id)', [JSON.stringify(odd.map(server => server.id))])).map(row => [row.id, row.state]))
  for (const server of odd) {
    if (still.get(server.id) !== server.state) continue
    const back = !silent.has(server.id)
    // It answered when it was asked, and has been switched off since: that its record says already.
    if (back && (power.get(server.id) !== 'on' || agents.get(server.id) !== 'running')) continue
    const state = back ? serverStateOf('on', server.maintenance === 1) : power.get(server.id) === 'off' ? 'off' : 'unreachable'
    if (state === server.state) continue
    const says = back ? 'answers again' : state === 'off' ? 'is off, and nobody switched it off' : 'does not answer'
    await tx.update(serverTable, [{ id: server.id, state, agent_state: back ? 'running' : agents.get(server.id) === 'running' ? 'unreachable' : 'stopped' }])
    await addEvents(tx, eventTable, [{ at: nowMs, severity: back ? 'info' : 'error', kind: back ? 'server.back' : `server.${state}`, subject: server.name, subject_id: server.id, user: null, run: null, message: `server ${server.name} ${says}` }])
  }
}

/** Sets records of guests to what is known of them now, and settles jobs on servers that cannot tell how they ended. */
async function recordGuests(tx: Transaction, guests: readonly RecordedGuest[], facts: ReadonlyMap<string, GuestFacts>, silent: ReadonlySet<string>, nowMs: number): Promise<ReadonlySet<string>> {
  const busy = new Set<string>()
  // What was loaded before the servers were asked may have moved on: only what still stands is changed.
  const still = new Map((await loadGuests(tx, 'g.id in (select value from json_each(?))', [JSON.stringify(guests.map(guest => guest.id))])).map(guest => [guest.id, guest]))
  const rows: Row[] = []
  const lost: Row[] = []
  const events: Row[] = []
  const settled: Outcome[] = []
  for (const guest of guests) {
    const now = still.get(guest.id)
    if (!now) continue
    if (now.lease !== guest.lease || now.state !== guest.state) { busy.add(guest.id); continue }
    const fact = facts.get(guest.id)
    if (guest.lease !== null) {
      if (fact && silent.has(guest.jobServerId!) && settledStates.includes(fact.state)) settled.push(deduced(guest, fact, nowMs))
      else busy.add(guest.id)
      continue
    }
    if (fact && (fact.state !== guest.state || fact.serverId !== guest.serverId || fact.domainId !== guest.domainId)) rows.push(reportedRow(guest.id, fact))
    else if (!fact && guest.serverId !== null && silent.has(guest.serverId) && guest.state !== 'unknown') lost.push({ id: guest.id, state: 'unknown' })
    else continue
    events.push({ at: nowMs, severity: 'warning', kind: 'vm.changed', subject: guest.name, subject_id: guest.id, user: null, run: null, message: fact ? `guest ${guest.name} was ${guest.state}, its servers report ${fact.state}` : `guest ${guest.name} was ${guest.state}, no server can tell of it now` })
  }
  await tx.update(vmTable, rows)
  await tx.update(vmTable, lost)
  await addEvents(tx, eventTable, events)
  if (settled.length > 0) await settleOutcomes(tx, settled)
  return busy
}

/** How a job ended whose server cannot tell any more, from what is so now: done when its goal is reached, else the server took it along. */
function deduced(guest: RecordedGuest, facts: GuestFacts, nowMs: number): Outcome {
  // Work on its files leaves a guest where it was: whether it was done, only the server that did it can tell.
  const goal = operationRow(guest.operation!).way === 'guest' ? vmTransition(vmVerb(guest.operation!)).to : null
  const error = facts.state === goal ? null : { code: 'server.lost' as const, message: `the server of guest ${guest.name} went down before it was done; the guest is ${facts.state}`, hint: `vm show ${guest.name}`, details: { state: facts.state } }
  return { job: guest.lease!, serverId: guest.jobServerId!, endedAtMs: nowMs, error, facts }
}

/** Servers recorded as not up, worth asking again before something is to be changed. */
export async function downServers(parts: Parts): Promise<string[]> {
  return (await parts.store.read(reader => reader.select<{ id: string }>({ id: 'id' }, `from server where ${recordedDown}`))).map(row => row.id)
}
