import type { GuestRequest } from '../agent/protocol.js'
import type { Blocker } from '../model/migration.js'
import { vmVerb } from '../model/operations.js'
import { fits, isPlaced, place, reserve, type Demand } from '../model/placement.js'
import { masterlessFault, ownedFault } from '../model/server-pools.js'
import { judge, operationsFrom, vmOperations, vmTransition, type VmOperation, type VmState } from '../model/vm-states.js'
import { blockersOf, demandOf, destinations, preferred } from './destinations.js'
import { already, failed, fault, tooLate, type Holder, type LaunchOrder, type LaunchPool, type LaunchScene, type LaunchServer, type LaunchStep, type LaunchVm, type QueuedItem } from './launch.js'

/** How long a graceful stop waits, in milliseconds (model.md: --grace 60 s). */
const defaultGraceMs = 60_000

/** What becomes of a guest that is to be changed: the state table, the rules, placement, and the limits of the farm. */
export function decideVm(order: LaunchOrder, item: QueuedItem, scene: LaunchScene): LaunchStep {
  const vm = scene.vms.get(item.targetId)
  if (!vm) return failed(item, fault('not-found.vm', `guest ${item.name} is gone`, 'vm list shows what there is'), 'unknown')
  const holder = vm.leasedBy === null || vm.leasedBy === item.job ? undefined : scene.holders.get(vm.leasedBy)
  if (holder) return { item, kind: 'held', holder, same: isSame(order, holder, scene), state: vm.state }
  const pool = scene.pools.get(vm.poolId)!
  const master = pool.masterId === null ? undefined : scene.servers.get(pool.masterId)
  const shut = masterlessFault({ name: pool.name, master: master ?? null }) ?? ownedFault(pool)
  if (shut) return failed(item, shut, vm.state)
  const verb = vmVerb(order.operation)
  if (verb === 'migrate') return migrate(order, item, vm, pool, scene)
  const verdict = judge(verb, vm.state, order.options.force)
  if (verdict === 'already') return already(order, item, 'vm', vm.state)
  if (verdict === 'refused') return failed(item, stateFault(verb, vm), vm.state)
  const late = lateVm(order, item, vm, scene)
  if (late) return late
  if (vmTransition(verb).places) return create(order, item, vm, pool, master!, scene)
  // A suspended guest has no server: any server of the pool can drop its saved image.
  const serverId = vm.serverId ?? pool.servers.find(server => server.state === 'active')?.id ?? pool.masterId!
  if (!scene.occupancy.allows(verb, serverId)) return { item, kind: 'wait' }
  scene.occupancy.begin(verb, serverId)
  return begun(order, item, vm, serverId, null)
}

function create(order: LaunchOrder, item: QueuedItem, vm: LaunchVm, pool: LaunchPool, master: LaunchServer, scene: LaunchScene): LaunchStep {
  const { options } = order
  const verb = vmVerb(order.operation)
  const demand = demandOf(vm)
  const candidates = options.on === null ? pool.servers : pool.servers.filter(server => server.id === options.on)
  if (options.on !== null && candidates.length === 0) return failed(item, fault('capacity.server', `the server of --on is not in pool ${pool.name} of guest ${vm.name}`, `choose a server of pool ${pool.name}`), vm.state)
  const free = place(candidates.filter(server => scene.occupancy.allows(verb, server.id)), demand)
  if (!isPlaced(free)) {
    if (candidates.some(server => fits(server, demand))) return { item, kind: 'wait' }
    const answer = place(candidates, demand)
    if (isPlaced(answer)) return { item, kind: 'wait' }
    const silent = candidates.find(server => server.runsGuests && server.state === 'unreachable')
    if (silent && answer.code === 'capacity.server') return failed(item, fault('agent.unreachable', `guest ${vm.name}: ${master.state === 'unreachable' ? `the agent of server ${master.name}, master of pool ${pool.name},` : `the agent of server ${silent.name}`} does not answer`, 'server list shows how it is'), vm.state)
    const [on] = options.on === null ? [] : candidates
    return failed(item, fault(answer.code, `guest ${vm.name}: ${on ? whyNotOn(on, demand) : answer.message}`, answer.hint), vm.state)
  }
  reserve(free, demand)
  scene.occupancy.begin(verb, free.id)
  return begun(order, item, vm, free.id, null)
}

/** Why a guest cannot be created on the one server that was asked for. */
function whyNotOn(server: LaunchServer, demand: Demand): string {
  if (server.state !== 'active') return `server ${server.name} is ${server.state}`
  if (!server.runsGuests) return `server ${server.name} has no vm role`
  if (demand.hvm && !server.hvm) return `server ${server.name} runs no hvm guests`
  return `${demand.memoryMiB} MiB and ${demand.vcpus} virtual CPUs wanted, ${server.memoryFreeMiB} MiB and ${server.vcpusFree} free on server ${server.name}`
}

function migrate(order: LaunchOrder, item: QueuedItem, vm: LaunchVm, pool: LaunchPool, scene: LaunchScene): LaunchStep {
  const { options } = order
  const demand = demandOf(vm)
  const source = vm.serverId === null ? null : (scene.servers.get(vm.serverId) ?? null)
  const blocked = (blockers: Blocker[]) => failed(item, fault('migrate.blocked', `guest ${vm.name} cannot migrate: ${blockers.map(blocker => blocker.message).join('; ')}`, blockers[0]!.fix, { blockers }), vm.state)
  let target: LaunchServer | undefined
  if (options.to === 'auto') {
    const { able, blockers } = destinations(vm, pool, source, pool.servers)
    if (able.length === 0) return blocked(blockers)
    const placed = place(preferred(able, scene.avoided).filter(server => scene.occupancy.allows('migrate', server.id, vm.serverId!)), demand)
    if (!isPlaced(placed)) return lateVm(order, item, vm, scene) ?? { item, kind: 'wait' }
    target = able.find(server => server.id === placed.id)!
  } else {
    target = scene.servers.get(options.to!)
    if (!target) return failed(item, fault('not-found.server', `the server that guest ${vm.name} was to migrate to is gone`, `vm migrate ${vm.name} --to auto chooses one`), vm.state)
    if (vm.state === 'running' && target.id === vm.serverId) return already(order, item, 'vm', vm.state)
    const blockers = blockersOf(vm, pool, source, target)
    if (blockers.length > 0) return blocked(blockers)
    if (!scene.occupancy.allows('migrate', target.id, vm.serverId!)) return lateVm(order, item, vm, scene) ?? { item, kind: 'wait' }
  }
  const late = lateVm(order, item, vm, scene)
  if (late) return late
  reserve(target, demand)
  scene.occupancy.begin('migrate', target.id, vm.serverId!)
  return begun(order, item, vm, vm.serverId!, target.id)
}

/** A change of a guest that is not expected to end in time, settled as such. */
function lateVm(order: LaunchOrder, item: QueuedItem, vm: LaunchVm, scene: LaunchScene): LaunchStep | null {
  return tooLate(order, item, order.expectations.expectedMs(order.operation, order.options.force, vm), scene.nowMs, vm.state)
}

function begun(order: LaunchOrder, item: QueuedItem, vm: LaunchVm, serverId: string, targetServerId: string | null): LaunchStep {
  const { options, operation } = order
  const { via, places } = vmTransition(vmVerb(operation))
  const reserves = places && targetServerId === null
  return {
    item, kind: 'begin', serverId, targetServerId, places: reserves && options.on === null,
    row: { id: vm.id, state: via, ...(reserves ? { server_id: serverId } : {}), ...(targetServerId === null ? {} : { target_server_id: targetServerId }) },
    undo: { id: vm.id, state: vm.state, server_id: vm.serverId, target_server_id: null },
    asked: { by: 'master', request: {
      job: item.job, operation: operation as GuestRequest['operation'], guest: { id: vm.id, name: vm.name, type: vm.type, memoryMiB: vm.memoryMiB, vcpus: vm.vcpus }, serverId, targetServerId,
      manner: { force: options.force, graceMs: options.graceMs ?? defaultGraceMs, forceAfterMs: options.forceAfterMs },
    } },
  }
}

/** Whether the change under way does what is asked: a forced stop does what a graceful one asks, a migration only to the same server, or to any that takes guests. */
function isSame(order: LaunchOrder, holder: Holder, scene: LaunchScene): boolean {
  if (holder.operation !== order.operation) return false
  if (order.operation === 'vm.migrate') {
    const [, target] = holder.serverIds
    // A server that is being emptied is no place that anybody would choose.
    if (order.options.to === 'auto') return target === undefined || scene.servers.get(target)?.state === 'active'
    return order.options.to === holder.options.to || target === order.options.to
  }
  return !order.options.force || holder.options.force
}

/** The refusal of an operation in a state (`vm.state`): names both, and what could be done. */
export function stateFault(operation: VmOperation, vm: { name: string; state: VmState }) {
  const unforced = operationsFrom(vm.state)
  const forced = vmOperations.filter(name => !unforced.includes(name) && judge(name, vm.state, true) === 'allowed')
  const possible = [...unforced.filter(name => name !== 'reset-status'), ...forced.map(name => `${name} --force`)]
  const hint = possible.length > 0 ? `while ${vm.state} a guest can ${possible.join(', ')}` : `wait for it to settle: vm wait ${vm.name} --for settled`
  return fault('vm.state', `guest ${vm.name} is ${vm.state}: ${operation} is not possible`, hint, { state: vm.state, operation, allowed: vmTransition(operation).from })
}
