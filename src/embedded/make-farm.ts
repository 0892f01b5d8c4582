import { fieldsOf } from '../contract/fields.js'
import { eventTable, itemTable, metaTable, poolTable, repoTable, resourceTable, runTable, serverTable, userTable, vmDetailTable, vmTable } from '../manager/schema.js'
import { idOf, macOf, uuidOf } from '../model/identity.js'
import type { ImportedGuest } from '../model/imported.js'
import { naturalKey } from '../model/names.js'
import { dom0MemoryMiB, place, isPlaced, reserve, vcpusPerCore, type Candidate } from '../model/placement.js'
import { kindOfDevice, mountPointOf } from '../model/repositories.js'
import { activityTable, domainTable, fileTable, hostTable, repositoryTable, worldMeta } from '../sim/schema.js'
import type { FarmPlan, PresetPool } from '../sim/presets.js'
import { addressOf, newHost, rootDevice, serverShape } from '../sim/server-shape.js'
import type { Row, Store, Table } from '../store/store.js'

/** When a simulated farm begins (simulation.md, "Presets"). */
export const farmEpochMs = Date.UTC(2010, 6, 28)


/** Where the numbers begin that ids of files nobody knows are made of: beyond those that a farm gives. */
const undiscoveredFrom = 4_000_000_000

interface Rows { manager: Map<Table, Row[]>; world: Map<Table, Row[]> }

/** Fills an empty repository and an empty world with a farm; returns the names of guests for which --running found no room. */
export async function makeFarm(manager: Store, world: Store, plan: FarmPlan, order: { name: string; seed: number; running: boolean; ha: boolean }): Promise<string[]> {
  const maker = new FarmMaker(plan, order)
  const rows = maker.make()
  await world.transact(async tx => { for (const [table, of] of rows.world) await tx.insert(table, of) })
  await manager.transact(async tx => { for (const [table, of] of rows.manager) await tx.insert(table, of) })
  return maker.notStarted
}

class FarmMaker {
  readonly notStarted: string[] = []
  private counter = 0
  private readonly rows: Rows = {
    manager: new Map([metaTable, poolTable, serverTable, vmTable, vmDetailTable, resourceTable, repoTable, userTable, runTable, itemTable, eventTable].map(table => [table, []])),
    world: new Map([worldMeta, hostTable, repositoryTable, fileTable, domainTable, activityTable].map(table => [table, []])),
  }

  constructor(private readonly plan: FarmPlan, private readonly order: { name: string; seed: number; running: boolean; ha: boolean }) {}

  make(): Rows {
    this.plan.pools.forEach((pool, at) => this.pool(pool, at + 1))
    const poolNames = this.plan.pools.map(pool => pool.name)
    for (const [name, role, pools] of [['admin', 'administrator', []], ['operator', 'manager', poolNames], ['alice', 'user', []]] as const) {
      this.manager(userTable, { name, role, state: 'active', email: null, groups: '[]', pools: JSON.stringify(pools) })
    }
    this.manager(eventTable, { seq: 1, at: farmEpochMs, severity: 'info', kind: 'farm.created', subject: this.order.name, user: 'admin', message: `farm ${this.order.name} made from preset ${this.plan.preset}` })
    for (const [key, value] of Object.entries({ farm: this.order.name, preset: this.plan.preset, seed: this.order.seed, ids: this.counter, memberships: 0 })) this.manager(metaTable, { key, value: String(value) })
    for (const [key, value] of Object.entries({ now: farmEpochMs, seed: this.order.seed, rate: 0, sessions: 0 })) this.world(worldMeta, { key, value: String(value) })
    return this.rows
  }

  private manager(table: Table, row: Row): void {
    this.rows.manager.get(table)!.push(row)
  }

  private world(table: Table, row: Row): void {
    this.rows.world.get(table)!.push(row)
  }

  private id(prefix: string): string {
    return idOf(prefix, this.order.seed, this.counter++)
  }

  private pool(pool: PresetPool, number: number): void {
    const poolId = this.id('pool')
    const repoId = this.id('repo')
    const ha = this.order.ha && pool.storage === 'shared'
    const uuid = uuidOf(this.order.seed, this.counter)
    const kind = kindOfDevice(rootDevice, pool.storage)
    this.manager(repoTable, { id: repoId, pool_id: poolId, kind, device: rootDevice, uuid, root: 1, qos: null, size_mib: pool.repoMiB, mount_point: mountPointOf(serverShape.release, uuid, true), state: 'active' })
    this.world(repositoryTable, { id: repoId, pool_id: poolId, device: rootDevice, size_mib: pool.repoMiB, kind, uuid, root: 1, qos: null, release: serverShape.release, busy: null })
    for (const [kind, name, type, sizeMiB] of [['template', 'ol5u5-pv', 'pv', 8_192], ['iso', 'ol5u5.iso', null, 3_072]] as const) {
      const id = this.id(kind)
      this.manager(resourceTable, { id, kind, name, name_key: naturalKey(name), pool_id: poolId, state: 'active', type, os: 'el5', size_mib: sizeMiB, repo_id: repoId })
      this.world(fileTable, { id, pool_id: poolId, repo_id: repoId, size_mib: sizeMiB, saved: 0, whole: 1, kind, name })
    }
    if (pool.undiscovered) this.undiscovered(poolId, repoId, number)
    const candidates = pool.servers.map((server, at) => this.server(poolId, number, server, at))
    this.manager(poolTable, { id: poolId, name: pool.name, name_key: naturalKey(pool.name), master_id: candidates[0]!.id, virtual_ip: ha ? `10.${number}.0.250` : null, ha: Number(ha), storage: pool.storage, owner: 'self' })
    const vnc = new Map<string, number>()
    for (const name of pool.guests) this.guest(name, poolId, repoId, ha, candidates, vnc)
    candidates.forEach((candidate, at) => this.world(hostTable, {
      ...newHost(candidate.id, addressOf(number, at)), name: candidate.name, pool_id: poolId, next_domain: (vnc.get(candidate.id) ?? 0) + 1, owner: this.order.name, roles: JSON.stringify(pool.servers[at]!.roles),
    }))
  }

  /** Files that lie there and are in no record, as after a restored backup: a template, an image and an ISO. Their ids count beside all others, which stay as they are without them. */
  private undiscovered(poolId: string, repoId: string, number: number): void {
    const guest: ImportedGuest = { type: 'pv', os: 'el5', vcpus: 1, memoryMiB: 1_024, nics: [{ bridge: 'xenbr0' }], disks: [{ name: 'xvda', sizeMiB: 4_096, file: 'System.img' }], bootDevice: 'hdd', keyboard: 'en-us' }
    for (const [at, [kind, name, sizeMiB]] of ([['template', 'ol5u5-extra', 4_096], ['vm', 'ol5u5-extra', 4_096], ['iso', 'ol5u5-extra.iso', 1_024]] as const).entries()) {
      const id = idOf(kind, this.order.seed, undiscoveredFrom + number * 3 + at)
      this.world(fileTable, { id, pool_id: poolId, repo_id: repoId, size_mib: sizeMiB, saved: 0, whole: 1, kind, name, config: kind === 'iso' ? null : JSON.stringify(guest) })
    }
  }

  private server(poolId: string, number: number, server: PresetPool['servers'][number], at: number): Candidate {
    const id = this.id('server')
    this.manager(serverTable, {
      id, name: server.name, name_key: naturalKey(server.name), pool_id: poolId, address: addressOf(number, at), state: 'active', roles: JSON.stringify(server.roles), cpu_model: serverShape.cpuModel, cpu_family: serverShape.cpuFamily,
      cores: serverShape.cores, memory_mib: serverShape.memoryMiB, hvm: 1, agent_version: serverShape.agentVersion, agent_state: 'running', release: serverShape.release, maintenance: 0,
    })
    return { id, name: server.name, state: 'active', runsGuests: server.roles.includes('vm'), hvm: true, memoryFreeMiB: serverShape.memoryMiB - dom0MemoryMiB, vcpusFree: serverShape.cores * vcpusPerCore }
  }

  private guest(name: string, poolId: string, repoId: string, ha: boolean, candidates: Candidate[], vnc: Map<string, number>): void {
    const { shape } = this.plan
    const id = this.id('vm')
    // The number of its id: the next one is the first that the manager gives to a new guest's card.
    const nics = [{ name: 'eth0', bridge: 'xenbr0', mac: macOf(this.order.seed, this.counter - 1) }]
    const disks = [{ name: 'xvda', kind: 'file', sizeMiB: shape.diskMiB, file: `running_pool/${name}/System.img` }]
    const details: Record<string, unknown> = { nics, disks, cdrom: null, bootDevice: 'hdd', cpuPriority: null, cpuCap: null, keyboard: 'en-us', description: null }
    const known = Object.entries(fieldsOf('vm')).filter(([, field]) => field.detail).map(([field]) => field).filter(field => field !== 'preferredServers')
    const placed = this.order.running ? place(candidates, { ...shape, hvm: false, preferredServerIds: [] }) : null
    const host = placed && isPlaced(placed) ? placed : null
    if (placed && !host) this.notStarted.push(name)
    const number = host ? (vnc.get(host.id) ?? 0) : 0
    if (host) {
      reserve(host, shape)
      vnc.set(host.id, number + 1)
      this.world(domainTable, { vm_id: id, host_id: host.id, domain_id: number + 1, vnc_port: 5900 + number, state: 'running', type: 'pv', memory_mib: shape.memoryMiB, vcpus: shape.vcpus, most_memory_mib: shape.memoryMiB, most_vcpus: shape.vcpus, started_at: farmEpochMs })
    }
    this.world(fileTable, { id, pool_id: poolId, repo_id: repoId, size_mib: shape.diskMiB, saved: 0, whole: 1, kind: 'vm', name })
    this.manager(vmTable, {
      id, name, name_key: naturalKey(name), pool_id: poolId, server_id: host?.id ?? null, target_server_id: null, state: host ? 'running' : 'powered-off', type: 'pv', os: shape.os, vcpus: shape.vcpus, memory_mib: shape.memoryMiB,
      disk_mib: shape.diskMiB, ha: Number(ha), ha_priority: 0, owner: 'admin', group_name: null, visibility: 'private', template: null, repo_id: repoId, domain_id: host ? number + 1 : null, vnc_port: host ? 5900 + number : null,
      tags: '{}', created_at: farmEpochMs, started_at: host ? farmEpochMs : null, preferred: null,
    })
    this.manager(vmDetailTable, { vm_id: id, details: JSON.stringify(Object.fromEntries(known.map(field => [field, details[field] ?? null]))) })
  }
}
