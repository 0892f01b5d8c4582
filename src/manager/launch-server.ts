import type { ServerRequest } from '../agent/protocol.js'
import { farmLimits } from '../model/limits.js'
import { movesGuestsAway, operationWords, serverVerb } from '../model/operations.js'
import type { ServerState } from '../model/object-states.js'
import { masterlessFault, ownedFault } from '../model/server-pools.js'
import { serverStateOf, serverTransition, type ServerOperation } from '../model/server-states.js'
import type { Row } from '../store/store.js'
import { wayOut } from './destinations.js'
import { already, failed, fault, tooLate, type Asked, type LaunchOrder, type LaunchScene, type LaunchServer, type LaunchStep, type LaunchVm, type QueuedItem } from './launch.js'

/** What becomes of a server that is to be changed as a whole: switched, emptied, put into maintenance, its agent started or stopped. */
export function decideServer(order: LaunchOrder, item: QueuedItem, scene: LaunchScene): LaunchStep {
  const server = scene.servers.get(item.targetId)
  if (!server) return failed(item, fault('not-found.server', `server ${item.name} is gone`, 'server list shows what there is'), 'unknown')
  const holder = server.leasedBy === null || server.leasedBy === item.job ? undefined : scene.holders.get(server.leasedBy)
  if (holder) return { item, kind: 'held', holder, same: holder.operation === order.operation, state: server.state }
  const verb = serverVerb(order.operation)
  const { from, empties } = serverTransition(verb)
  if (isSo(verb, server)) return alreadySo(order, item, verb, server)
  // One that was emptied for this waits in a state of its own.
  if (!item.evacuated && !from.includes(server.state)) return failed(item, stateFault(order, server, from), server.state)
  const pool = scene.pools.get(server.poolId)!
  const owned = ownedFault(pool)
  if (owned) return failed(item, owned, server.state)
  if (asksMaster(verb, server)) {
    const master = pool.masterId === null ? undefined : scene.servers.get(pool.masterId)
    const masterless = masterlessFault({ name: pool.name, master: master ?? null })
    if (masterless) return failed(item, masterless, server.state)
  }
  const undo: Row = { id: server.id, state: item.evacuated || server.state === 'maintenance' ? serverStateOf('on', server.inMaintenance) : server.state }
  const guests = empties === 'never' || order.options.force || !upThere(server) ? [] : (scene.guestsOn.get(server.id) ?? [])
  const late = tooLate(order, item, expectedMs(order, guests), scene.nowMs, server.state)
  // Emptied too late, it stays up, and takes guests again.
  if (late) return item.evacuated ? { ...late, state: String(undo['state']), row: undo } : late
  if (moves(order) && !item.evacuated) {
    const out = wayOut(order.run, server, pool, guests, scene)
    const others = pool.servers.some(one => one.id !== server.id && one.leasedIn === order.run)
    // It waits for servers of its pool that the same run has in hand: their guests are still coming here, or they will take guests again.
    if (others && (out.crowds || out.stuck.length > 0 || guests.some(vm => vm.serverId !== server.id))) return { item, kind: 'wait' }
    if (out.stuck.length > 0 && empties === 'always') return failed(item, stuckFault(server, out.stuck, out.blockers), server.state)
  }
  if (guests.length > 0) return item.evacuated ? notEmptied(item, item.evacuated.blockers, server, guests, undo) : emptied(order, item, server, guests, undo)
  if (verb === 'maintenance-on' || verb === 'maintenance-off') return marked(item, server, verb === 'maintenance-on')
  const asked = askedOf(verb, item, server)
  take(order, server, serverTransition(verb).via)
  return { item, kind: 'begin', serverId: server.id, targetServerId: null, places: false, row: { id: server.id, state: server.state }, undo, asked }
}

/** Whether a server runs anything that could be moved or asked. */
function upThere(server: LaunchServer): boolean {
  return server.state === 'active' || server.state === 'maintenance'
}

function moves(order: LaunchOrder): boolean {
  return order.options.evacuate || movesGuestsAway(order.operation)
}

/** Whether there is nothing to do. Maintenance and agents are judged by what is recorded of them: a server that is off may be in maintenance too. */
function isSo(verb: ServerOperation, server: LaunchServer): boolean {
  switch (verb) {
    case 'maintenance-on': return server.inMaintenance
    case 'maintenance-off': return !server.inMaintenance
    case 'agent-stop': return server.agentState === 'stopped' && server.state === 'unreachable'
    default: return serverTransition(verb).already.includes(server.state)
  }
}

function alreadySo(order: LaunchOrder, item: QueuedItem, verb: ServerOperation, server: LaunchServer): LaunchStep {
  const what = { 'maintenance-on': 'in maintenance', 'maintenance-off': 'not in maintenance', 'agent-stop': 'without its agent' } as Partial<Record<ServerOperation, string>>
  const step = already(order, item, 'server', what[verb] ?? server.state)
  return { ...step, state: server.state } as LaunchStep
}

function stateFault(order: LaunchOrder, server: LaunchServer, from: readonly string[]) {
  const words = operationWords(order.operation)
  const hint = server.state === 'starting' ? 'wait until it is up' : server.state === 'off' && order.operation.startsWith('agent.') ? `server start ${server.name}: its agent comes up with it` : `${words} is possible while it is ${from.join(', ')}`
  return fault('server.state', `server ${server.name} is ${server.state}: ${words.replace(/^server /, '')} is not possible`, hint, { state: server.state, operation: serverVerb(order.operation), allowed: from })
}

/** Guests have to leave first, or stand in the way. */
function emptied(order: LaunchOrder, item: QueuedItem, server: LaunchServer, guests: LaunchVm[], undo: Row): LaunchStep {
  if (!moves(order)) return failed(item, fault('server.guests', whoIs('on', server, guests), '--evacuate moves them away first, --force lets them go down with it', detailsOf(guests)), server.state)
  take(order, server, 'maintenance')
  return { item, kind: 'evacuate', serverId: server.id, guests, row: { id: server.id, state: 'maintenance' }, undo }
}

/** Who comes next in this launch counts on this server no more. */
function take(order: LaunchOrder, server: LaunchServer, state: ServerState): void {
  Object.assign(server, { state, leasedIn: order.run } satisfies Partial<LaunchServer>)
}

/** Some could not be moved: the server takes guests again. */
function notEmptied(item: QueuedItem, blockers: { message: string; fix: string }[], server: LaunchServer, guests: readonly LaunchVm[], undo: Row): LaunchStep {
  const what = whoIs('still on', server, guests)
  const why = blockers.length > 0 ? `${what}: ${reasons(blockers)}` : what
  return { item, kind: 'settle', result: 'failed', state: String(undo['state']), row: undo, error: fault('server.evacuation', why, blockers[0]?.fix ?? `vm migrate --server ${server.name} --to auto tells why each cannot move`, { ...detailsOf(guests), blockers }) }
}

/** Before anything is moved: some have nowhere to go, so nothing is. */
function stuckFault(server: LaunchServer, stuck: readonly LaunchVm[], blockers: { message: string; fix: string }[]) {
  return fault('server.evacuation', `${whoIs('on', server, stuck)}, and cannot leave it: ${reasons(blockers)}`, blockers[0]!.fix, { ...detailsOf(stuck), blockers })
}

function reasons(blockers: readonly { message: string }[]): string {
  return `${blockers.slice(0, 3).map(blocker => blocker.message).join('; ')}${blockers.length > 3 ? '; …' : ''}`
}

function whoIs(where: string, server: LaunchServer, guests: readonly LaunchVm[]): string {
  const names = guests.slice(0, 10).map(guest => guest.name).join(', ')
  return `${guests.length} ${guests.length === 1 ? 'guest is' : 'guests are'} ${where} server ${server.name}: ${names}${guests.length > 10 ? ', …' : ''}`
}

function detailsOf(guests: readonly LaunchVm[]) {
  return { guests: guests.map(({ name, state }) => ({ name, state })) }
}

/** Nobody has to be asked for it: a server in maintenance is one that is given no guests (model.md, rule 10). */
function marked(item: QueuedItem, server: LaunchServer, inMaintenance: boolean): LaunchStep {
  const state = server.state === 'active' || server.state === 'maintenance' ? serverStateOf('on', inMaintenance) : server.state
  Object.assign(server, { state, inMaintenance } satisfies Partial<LaunchServer>)
  return { item, kind: 'settle', result: 'done', error: null, state, row: { id: server.id, state, maintenance: Number(inMaintenance) }, change: { before: { maintenance: !inMaintenance }, after: { maintenance: inMaintenance } } }
}

/** Whom to ask. A server that is off answers at its management port only; one that hangs is switched off and on again there, and so is an agent that does not answer. */
function askedOf(verb: Exclude<ServerOperation, `maintenance-${string}`>, item: QueuedItem, server: LaunchServer): Asked {
  if (verb === 'start') return { by: 'power', way: server.state === 'off' ? 'on' : 'cycle' }
  if (!asksMaster(verb, server)) return { by: 'power', way: verb as 'agent-start' | 'agent-stop' | 'agent-restart' }
  return { by: 'master', request: { job: item.job, operation: masterWords[verb as keyof typeof masterWords], serverId: server.id } }
}

/** What the master of a pool is asked for. */
const masterWords = { 'stop': 'server.stop', 'restart': 'server.restart', 'agent-stop': 'agent.stop', 'agent-restart': 'agent.restart' } as const satisfies Partial<Record<ServerOperation, ServerRequest['operation']>>

/** Whether the master of the pool is to have it done. */
function asksMaster(verb: ServerOperation, server: LaunchServer): boolean {
  if (verb === 'stop' || verb === 'restart') return true
  return (verb === 'agent-stop' || verb === 'agent-restart') && server.state !== 'unreachable'
}

/** How long it is expected to take, its guests leaving first, as many at once as the farm lets. */
function expectedMs(order: LaunchOrder, guests: readonly LaunchVm[]): number {
  const { expectations, operation, options } = order
  const leavingMs = guests.reduce((sum, guest) => sum + expectations.expectedMs('vm.migrate', false, guest), 0) / farmLimits.migrationsPerServer
  return expectations.expectedMs(operation, options.force, { type: 'pv', memoryMiB: 0 }) + leavingMs
}
