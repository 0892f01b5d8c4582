import type { Candidate, Demand } from './placement.js'
import type { VmState } from './vm-states.js'

/** One reason why a guest cannot move, with the smallest change that removes it. */
export interface Blocker {
  rule: 'state' | 'pool' | 'shared-repository' | 'cpu' | 'role' | 'server-state' | 'memory' | 'vcpus' | 'hvm' | 'no-other-server'
  message: string
  fix: string
}

/** What the rules of migration look at, beside the guest's demand. */
export interface MigrationCase {
  vm: { name: string; state: VmState; pool: string; demand: Demand }
  source: { cpu: string } | null
  target: Candidate & { pool: string; cpu: string }
  poolStorage: 'local' | 'shared'
}

/** All blockers of a live migration (model.md, rule 3), never just the first. */
export function migrationBlockers({ vm, source, target, poolStorage }: MigrationCase): Blocker[] {
  const blockers: Blocker[] = []
  const add = (rule: Blocker['rule'], message: string, fix: string) => blockers.push({ rule, message, fix })
  if (vm.state !== 'running') add('state', `guest ${vm.name} is ${vm.state}, not running`, vm.state === 'paused' ? `vm unpause ${vm.name}` : vm.state === 'suspended' ? `vm resume ${vm.name}` : `vm start ${vm.name}`)
  if (target.pool !== vm.pool) add('pool', `server ${target.name} is in pool ${target.pool}, guest ${vm.name} in ${vm.pool}`, `choose a server of pool ${vm.pool}`)
  if (poolStorage !== 'shared') add('shared-repository', `pool ${vm.pool} keeps its guests on local storage`, `move pool ${vm.pool} to a shared repository`)
  if (source && source.cpu !== target.cpu) add('cpu', `server ${target.name} has another CPU (${target.cpu}) than the guest runs on (${source.cpu})`, 'choose a server of the same CPU family and model')
  if (!target.runsGuests) add('role', `server ${target.name} has no vm role`, `server update ${target.name} --roles …,vm`)
  if (target.state !== 'active') add('server-state', `server ${target.name} is ${target.state}`, target.state === 'maintenance' ? `server maintenance off ${target.name}` : `bring server ${target.name} back`)
  if (vm.demand.hvm && !target.hvm) add('hvm', `server ${target.name} has no hardware virtualization`, 'choose a server with hardware virtualization')
  const missingMiB = vm.demand.memoryMiB - target.memoryFreeMiB
  if (missingMiB > 0) add('memory', `server ${target.name} has ${target.memoryFreeMiB} MiB free, the guest needs ${vm.demand.memoryMiB}`, `free ${missingMiB} MiB on ${target.name}`)
  const missingVcpus = vm.demand.vcpus - target.vcpusFree
  if (missingVcpus > 0) add('vcpus', `server ${target.name} has ${target.vcpusFree} virtual CPUs free, the guest needs ${vm.demand.vcpus}`, `free ${missingVcpus} virtual CPUs on ${target.name}`)
  return blockers
}

