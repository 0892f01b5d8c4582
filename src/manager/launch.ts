import type { OperationOptions, Policy } from '../contract/requests.js'
import type { Fault } from '../model/errors.js'
import { Occupancy } from '../model/limits.js'
import { migrationBlockers, type Blocker } from '../model/migration.js'
import { fits, isPlaced, place, reserve, type Candidate, type Demand } from '../model/placement.js'
import { judge, operationsFrom, vmTransition, type VmOperation, type VmState } from '../model/vm-states.js'

/** A target that waits for its turn. */
export interface QueuedItem { ordinal: number; targetId: string; name: string; poolId: string; job: string }

/** What launching knows of a guest. */
export interface LaunchVm {
  id: string; name: string; poolId: string; serverId: string | null; state: VmState; type: 'pv' | 'hvm'
  memoryMiB: number; vcpus: number; preferred: string[]; leasedBy: string | null
}

/** What launching knows of a pool. */
export interface LaunchPool { id: string; name: string; storage: 'local' | 'shared'; masterId: string | null; owner: string; servers: LaunchServer[] }
/** What launching knows of a server. */
export interface LaunchServer extends Candidate { poolId: string; pool: string; cpu: string }

/** The state of things at one launch. */
export interface LaunchScene {
  vms: ReadonlyMap<string, LaunchVm>
  pools: ReadonlyMap<string, LaunchPool>
  servers: ReadonlyMap<string, LaunchServer>
  occupancy: Occupancy
  /** how many may still begin under --parallel; Infinity without it */
  slots: number
}

/** What becomes of a queued item now: begun on a server, settled without an agent, or left in the queue. */
export type LaunchStep =
  | { item: QueuedItem; kind: 'begin'; vm: LaunchVm; serverId: string; targetServerId: string | null }
  | { item: QueuedItem; kind: 'settle'; result: 'unchanged' | 'failed'; error: Fault | null; state: VmState }
  | { item: QueuedItem; kind: 'wait' }

/**
 * Decides for the queued items of one pool, in order, what begins now: the state table, the rules, placement, and the limits
 * of the farm. Pure but for the scene, from which it takes what it reserves. Stops at the first item that must wait for a
 * limit when those behind it would wait too.
 */
export function planLaunch(operation: VmOperation, options: OperationOptions, policy: Pick<Policy, 'strict'>, queue: readonly QueuedItem[], scene: LaunchScene): LaunchStep[] {
  const steps: LaunchStep[] = []
  let waits = 0
  for (const item of queue) {
    if (scene.slots <= 0) break
    const step = decide(operation, options, policy, item, scene)
    steps.push(step)
    if (step.kind === 'begin') scene.slots--
    // Every item that waits costs a look: after a few of them the limits are plainly full.
    if (step.kind === 'wait' && ++waits >= 8) break
  }
  return steps
}

function decide(operation: VmOperation, options: OperationOptions, policy: Pick<Policy, 'strict'>, item: QueuedItem, scene: LaunchScene): LaunchStep {
  const vm = scene.vms.get(item.targetId)
  const fail = (error: Fault, state: VmState = vm?.state ?? 'unknown'): LaunchStep => ({ item, kind: 'settle', result: 'failed', error, state })
  if (!vm) return fail(fault('not-found.vm', `guest ${item.name} is gone`, 'vm list shows what there is'))
  const pool = scene.pools.get(vm.poolId)!
  if (vm.leasedBy !== null && vm.leasedBy !== item.job) return fail(leaseFault(vm.name, vm.leasedBy))
  if (pool.masterId === null) return fail(fault('pool.no-master', `pool ${pool.name} has no master`, `pool master ${pool.name} SERVER`))
  if (pool.owner !== 'self') return fail(fault('pool.owned', `pool ${pool.name} belongs to ${pool.owner}`, null))
  if (operation === 'migrate') return migrate(options, policy, item, vm, pool, scene, fail)
  const verdict = judge(operation, vm.state, options.force)
  if (verdict === 'already') return already(policy, item, vm, fail)
  if (verdict === 'refused') return fail(stateFault(operation, vm))
  if (vmTransition(operation).places) return begin(operation, options, item, vm, pool, scene, fail)
  // A suspended guest has no server: any server of the pool can drop its saved image.
  const serverId = vm.serverId ?? pool.servers.find(server => server.state === 'active')?.id ?? pool.masterId
  if (!scene.occupancy.allows(operation, serverId)) return { item, kind: 'wait' }
  scene.occupancy.begin(operation, serverId)
  return { item, kind: 'begin', vm, serverId, targetServerId: null }
}

type Fail = (error: Fault, state?: VmState) => LaunchStep

function begin(operation: VmOperation, options: OperationOptions, item: QueuedItem, vm: LaunchVm, pool: LaunchPool, scene: LaunchScene, fail: Fail): LaunchStep {
  const demand = demandOf(vm)
  const candidates = options.on === null ? pool.servers : pool.servers.filter(server => server.id === options.on)
  if (options.on !== null && candidates.length === 0) return fail(fault('capacity.server', `the server of --on is not in pool ${pool.name} of guest ${vm.name}`, `choose a server of pool ${pool.name}`))
  const free = place(candidates.filter(server => scene.occupancy.allows(operation, server.id)), demand)
  if (!isPlaced(free)) {
    if (candidates.some(server => fits(server, demand))) return { item, kind: 'wait' }
    const answer = place(candidates, demand)
    return isPlaced(answer) ? { item, kind: 'wait' } : fail(fault(answer.code, `guest ${vm.name}: ${answer.message}`, answer.hint))
  }
  reserve(free, demand)
  scene.occupancy.begin(operation, free.id)
  return { item, kind: 'begin', vm, serverId: free.id, targetServerId: null }
}

function migrate(options: OperationOptions, policy: Pick<Policy, 'strict'>, item: QueuedItem, vm: LaunchVm, pool: LaunchPool, scene: LaunchScene, fail: Fail): LaunchStep {
  const demand = demandOf(vm)
  const source = vm.serverId === null ? null : (scene.servers.get(vm.serverId) ?? null)
  const blockersOf = (target: LaunchServer): Blocker[] => migrationBlockers({ vm: { name: vm.name, state: vm.state, pool: pool.name, demand }, source, target, poolStorage: pool.storage })
  const blocked = (blockers: Blocker[]) => fail(fault('migrate.blocked', `guest ${vm.name} cannot migrate: ${blockers.map(blocker => blocker.message).join('; ')}`, blockers[0]!.fix, { blockers }))
  let target: LaunchServer | undefined
  if (options.to === 'auto') {
    const others = pool.servers.filter(server => server.id !== vm.serverId)
    if (others.length === 0) {
      const lonely: Blocker = { rule: 'no-other-server', message: `pool ${pool.name} has no other server`, fix: `pool add-server ${pool.name}` }
      return blocked([...(source ? blockersOf(source as LaunchServer).filter(blocker => blocker.rule === 'state' || blocker.rule === 'shared-repository') : []), lonely])
    }
    const able = others.filter(server => blockersOf(server).length === 0)
    if (able.length === 0) return blocked(unique(others.flatMap(blockersOf)))
    const placed = place(able.filter(server => scene.occupancy.allows('migrate', server.id, vm.serverId!)), demand)
    if (!isPlaced(placed)) return { item, kind: 'wait' }
    target = able.find(server => server.id === placed.id)!
  } else {
    target = scene.servers.get(options.to!)!
    if (vm.state === 'running' && target.id === vm.serverId) return already(policy, item, vm, fail)
    const blockers = blockersOf(target)
    if (blockers.length > 0) return blocked(blockers)
    if (!scene.occupancy.allows('migrate', target.id, vm.serverId!)) return { item, kind: 'wait' }
  }
  reserve(target, demand)
  scene.occupancy.begin('migrate', target.id, vm.serverId!)
  return { item, kind: 'begin', vm, serverId: vm.serverId!, targetServerId: target.id }
}

function already(policy: Pick<Policy, 'strict'>, item: QueuedItem, vm: LaunchVm, fail: Fail): LaunchStep {
  if (policy.strict) return fail(fault('vm.unchanged', `guest ${vm.name} is ${vm.state} already`, 'leave out --strict to take that as success'))
  return { item, kind: 'settle', result: 'unchanged', error: null, state: vm.state }
}

/** The refusal of an operation in a state (`vm.state`): names both, and what could be done. */
export function stateFault(operation: VmOperation, vm: { name: string; state: VmState }): Fault {
  const possible = operationsFrom(vm.state).filter(name => name !== 'reset-status')
  const hint = possible.length > 0 ? `while ${vm.state} a guest can ${possible.join(', ')}` : `wait for it to settle: vm wait ${vm.name} --for settled`
  return fault('vm.state', `guest ${vm.name} is ${vm.state}: ${operation} is not possible`, hint, { state: vm.state, operation, allowed: vmTransition(operation).from })
}

/** The refusal of a change while another job holds the guest's lease (`lease.held`). */
export function leaseFault(name: string, job: string): Fault {
  return fault('lease.held', `another change of guest ${name} is under way (${job})`, `job show ${job}`, { job })
}

function demandOf(vm: LaunchVm): Demand {
  return { memoryMiB: vm.memoryMiB, vcpus: vm.vcpus, hvm: vm.type === 'hvm', preferredServerIds: vm.preferred }
}

function unique(blockers: readonly Blocker[]): Blocker[] {
  return [...new Map(blockers.map(blocker => [blocker.message, blocker])).values()]
}

function fault(code: Fault['code'], message: string, hint: string | null, details: unknown = null): Fault {
  return { code, message, hint, details }
}
