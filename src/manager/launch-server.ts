import { farmLimits } from '../model/limits.js'
import { serverVerb } from '../model/operations.js'
import { ownedFault } from '../model/server-pools.js'
import { serverStateOf, serverTransition } from '../model/server-states.js'
import { already, failed, fault, tooLate, type LaunchOrder, type LaunchScene, type LaunchStep, type LaunchVm, type QueuedItem } from './launch.js'

/** What becomes of a server that is to be started, stopped or restarted. */
export function decideServer(order: LaunchOrder, item: QueuedItem, scene: LaunchScene): LaunchStep {
  const server = scene.servers.get(item.targetId)
  if (!server) return failed(item, fault('not-found.server', `server ${item.name} is gone`, 'server list shows what there is'), 'unknown')
  const holder = server.leasedBy === null || server.leasedBy === item.job ? undefined : scene.holders.get(server.leasedBy)
  if (holder) return { item, kind: 'held', holder, same: holder.operation === order.operation, state: server.state }
  const verb = serverVerb(order.operation)
  const { from, already: there, via, empties } = serverTransition(verb)
  const states: readonly string[] = from
  if ((there as readonly string[]).includes(server.state)) return already(order, item, 'server', server.state)
  if (!states.includes(server.state)) {
    return failed(item, fault('server.state', `server ${server.name} is ${server.state}: ${verb} is not possible`, server.state === 'starting' ? 'wait until it is up' : `${verb} is possible while it is ${states.join(', ')}`, { state: server.state, operation: verb, allowed: states }), server.state)
  }
  const pool = scene.pools.get(server.poolId)!
  const owned = ownedFault(pool)
  if (owned) return failed(item, owned, server.state)
  const undo = { id: server.id, state: verb === 'start' ? server.state : serverStateOf('on', server.inMaintenance) }
  const guests = empties && !order.options.force ? (scene.guestsOn.get(server.id) ?? []) : []
  const late = tooLate(order, item, expectedMs(order, guests), scene.nowMs, server.state)
  // Emptied too late, it stays up, and takes guests again.
  if (late) return item.evacuated ? { ...late, state: undo.state, row: undo } : late
  if (guests.length > 0) {
    if (order.options.evacuate && !item.evacuated) return { item, kind: 'evacuate', serverId: server.id, guests, row: { id: server.id, state: 'maintenance' }, undo }
    const names = guests.slice(0, 10).map(guest => guest.name).join(', ')
    const what = `${guests.length} ${guests.length === 1 ? 'guest is' : 'guests are'} ${item.evacuated ? 'still ' : ''}on server ${server.name}: ${names}${guests.length > 10 ? ', …' : ''}`
    const details = { guests: guests.map(({ name, state }) => ({ name, state })) }
    if (item.evacuated) {
      const { blockers } = item.evacuated
      const why = blockers.length > 0 ? `${what}: ${blockers.slice(0, 3).map(blocker => blocker.message).join('; ')}${blockers.length > 3 ? '; …' : ''}` : what
      return { item, kind: 'settle', result: 'failed', state: String(undo.state), row: undo, error: fault('server.evacuation', why, blockers[0]?.fix ?? `vm migrate --server ${server.name} --to auto tells why each cannot move`, { ...details, blockers }) }
    }
    return failed(item, fault('server.guests', what, '--evacuate moves them away first, --force lets them go down with it', details), server.state)
  }
  const rest = { item, kind: 'begin' as const, serverId: server.id, targetServerId: null, places: false, row: { id: server.id, state: via }, undo }
  // A server that is off answers at its power port only; one that hangs is switched off and on again there.
  if (verb === 'start') return { ...rest, asked: { by: 'power', way: server.state === 'off' ? 'on' : 'cycle' } }
  return { ...rest, asked: { by: 'master', request: { job: item.job, operation: `server.${verb}`, serverId: server.id } } }
}

/** How long it is expected to take, its guests leaving first, as many at once as the farm lets. */
function expectedMs(order: LaunchOrder, guests: readonly LaunchVm[]): number {
  const { expectations, operation, options } = order
  const leavingMs = guests.reduce((sum, guest) => sum + expectations.expectedMs('vm.migrate', false, guest), 0) / farmLimits.migrationsPerServer
  return expectations.expectedMs(operation, options.force, { type: 'pv', memoryMiB: 0 }) + leavingMs
}
