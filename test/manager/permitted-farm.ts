import { rmSync } from 'node:fs'
import { afterEach } from 'vitest'
import type { Manager } from '../../src/contract/manager.js'
import { noNarrowing, type OperationOptions, type RunRequest } from '../../src/contract/requests.js'
import { managerOver } from '../../src/embedded/open.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { groupTable, resourceTable, userTable, vmTable } from '../../src/manager/schema.js'
import { guestSpec } from '../../src/model/guest-spec.js'
import { Refusal } from '../../src/model/errors.js'
import { kindOf, type RunOperation } from '../../src/model/operations.js'
import type { Row, Store, Transaction } from '../../src/store/store.js'
import { madeFarm } from './made-farm.js'

interface Ask { from?: 'pool' | 'nothing'; one?: true; on?: (target: string) => string; options?: (target: string) => Partial<OperationOptions> }

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => { for (const cleanUp of cleanUps.splice(0)) await cleanUp() })

/** A manager over figure-8 with guests, by name, and users changed as a test wishes, with groups, and with a shared disk and an image in each pool. */
export async function figure8(vms: Record<string, Row>, users: Record<string, Row>, groups: readonly string[] = []): Promise<EmbeddedManager> {
  const { stores: { repository, world }, folder } = await madeFarm('figure-8')
  await arrange(repository, vms, users, groups)
  const made = managerOver('test', repository, world)
  cleanUps.push(async () => { await made.close(); rmSync(folder, { recursive: true, force: true }) })
  return made
}

/** The same in the store of a farm that was made of that preset. */
export function arrange(repository: Store, vms: Record<string, Row>, users: Record<string, Row>, groups: readonly string[]): Promise<void> {
  return repository.transact(async tx => {
    const ids = await vmIds(tx)
    for (const [name, row] of Object.entries(vms)) await tx.update(vmTable, [{ id: ids.get(name)!, ...row }])
    for (const [name, row] of Object.entries(users)) await tx.update(userTable, [{ name, ...row }])
    const poolIds = await tx.select<{ id: string; name: string }>({ id: 'id', name: 'name' }, 'from pool')
    await tx.insert(resourceTable, poolIds.map(({ id, name }) => ({ id: `disk-${name}`, kind: 'disk', name: `${name}-disk`, name_key: `${name}-disk`, pool_id: id, state: 'active', size_mib: 100 })))
    await tx.insert(resourceTable, poolIds.map(({ id, name }) => ({ id: `image-${name}`, kind: 'image', name: `${name}-image`, name_key: `${name}-image`, pool_id: id, state: 'pending', type: 'pv', size_mib: 100, details: '{}' })))
    await tx.insert(groupTable, groups.map(name => ({ name, description: null })))
  })
}

async function vmIds(tx: Transaction): Promise<Map<string, string>> {
  return new Map((await tx.select<{ id: string; name: string }>({ id: 'id', name: 'name' }, 'from vm')).map(row => [row.name, row.id]))
}

/** A manager over figure-8 where alice owns vm1, may look at vm2 (public), shares vm3 with her group, and operator has pool1 only. */
export function sharedFarm(): Promise<EmbeddedManager> {
  return figure8(
    { vm1: { owner: 'alice' }, vm2: { visibility: 'public' }, vm3: { visibility: 'shared', group_name: 'web' } },
    { alice: { groups: '["web"]' }, operator: { pools: '["pool1"]' } }, ['web', 'db'])
}

/** What comes from outside, and what lies in a repository already. */
const imported: Ask = { from: 'pool', options: pool => ({ details: { name: 'new', pool, source: { path: '/nowhere' }, proxy: null, checksum: null, type: null, os: null } }) }
const registered = (name: string): Ask => ({ from: 'pool', options: pool => ({ details: { name, pool } }) })

/**
 * What an operation asks for beside its targets, as little as can be, so that only permission is in its way; `target` is the first
 * target, `on` what is selected where that is something else. `from`: what it makes is made of nothing that is there, in a pool (the target) or in none. `one`: of one target at a time.
 * An operation that is missing here does not compile.
 */
const asks: Record<RunOperation, Ask> = {
  'vm.start': {}, 'vm.stop': {}, 'vm.reboot': {}, 'vm.pause': {}, 'vm.unpause': {}, 'vm.suspend': {}, 'vm.resume': {}, 'vm.delete': {}, 'vm.reset-status': {},
  'vm.migrate': { options: () => ({ to: 'auto' }) },
  'vm.move': { options: () => ({ repo: '/dev/sdb1' }) },
  'vm.update': { options: () => ({ tags: { set: { a: 'b' }, unset: [] } }) },
  'vm.nic-add': { options: () => ({ details: { bridge: 'xenbr1', mac: null } }) },
  'vm.nic-update': { options: () => ({ details: { nic: 'eth0', bridge: 'xenbr1', mac: null } }) },
  'vm.nic-remove': { options: () => ({ details: { nic: 'eth0' } }) },
  'vm.disk-add': { options: () => ({ details: { sizeMiB: 10 } }) },
  'vm.disk-remove': { options: () => ({ details: { disk: 'xvda' } }) },
  'vm.cdrom-insert': { options: () => ({ details: { iso: 'ol5u5.iso' } }) },
  'vm.cdrom-eject': {},
  'vm.create': { from: 'pool', options: pool => ({ details: { guests: [guestSpec({ name: 'new', pool, template: 'ol5u5-pv' })] } }) },
  'vm.clone': { one: true, options: () => ({ details: { names: ['new'], pool: 'pool1' } }) },
  'vm.template': { one: true, options: () => ({ details: { name: 'new' } }) },
  'repo.add': { from: 'pool', options: pool => ({ details: { pool, device: '/dev/sdz1', nfs: null, qos: null, sizeMiB: null } }) },
  'repo.root': {}, 'repo.remove': {},
  'disk.create': { from: 'pool', options: pool => ({ details: { names: ['new'], pool, sizeMiB: 10, repo: null } }) },
  'disk.attach': { one: true, on: guestBeside, options: disk => ({ details: { disk, device: null, mode: 'w' } }) },
  'disk.detach': { one: true, on: guestBeside, options: disk => ({ details: { disk } }) },
  'disk.delete': {},
  'template.approve': {}, 'image.approve': {}, 'iso.approve': {}, 'template.cancel': {}, 'image.cancel': {}, 'iso.cancel': {}, 'template.delete': {}, 'image.delete': {}, 'iso.delete': {},
  'template.import': imported, 'image.import': imported, 'iso.import': imported, 'vm.import': imported,
  'template.register': registered('ol5u5-extra'), 'image.register': registered('ol5u5-extra'), 'iso.register': registered('ol5u5-extra.iso'),
  'server.start': {}, 'server.stop': {}, 'server.restart': {}, 'server.remove': {}, 'server.maintenance-on': {}, 'server.maintenance-off': {},
  'server.update': { options: () => ({ details: { roles: ['vm'], rename: null } }) },
  'agent.start': {}, 'agent.stop': {}, 'agent.restart': {},
  'agent.configure': { options: () => ({ secret: JSON.stringify({ password: 'a long pass phrase', oldPassword: null }) }) },
  'pool.create': { from: 'nothing', options: () => ({ details: { name: 'new', servers: [{ name: 'new', address: null }], password: null, storage: null, ha: false, virtualIp: null } }) },
  'pool.update': { options: () => ({ details: { rename: null, storage: null, ha: true, virtualIp: null } }) },
  'pool.delete': {}, 'pool.refresh': {}, 'pool.restore': {},
  'pool.master': { options: () => ({ details: { server: null } }) },
  'pool.add-server': { from: 'pool', options: pool => ({ details: { pool, servers: [{ name: 'new', address: null }], password: null, roles: null } }) },
  'pool.remove-server': { from: 'pool', options: pool => ({ details: { pool, servers: [pool === 'pool2' ? 'ovs3' : 'ovs2'] } }) },
  'user.create': { from: 'nothing', options: () => ({ details: { name: 'new', role: 'user', email: null, password: 'a long pass phrase' } }) },
  'user.update': { options: () => ({ details: { email: 'a@example.com' } }) },
  'user.delete': { options: () => ({ details: { newOwner: null } }) },
  'user.password': { one: true, options: () => ({ details: { password: 'a long pass phrase' } }) },
  'user.lock': {}, 'user.unlock': {},
  'user.grant': { options: () => ({ details: { pools: ['pool1'] } }) },
  'user.revoke': { options: () => ({ details: { pools: ['pool1'] } }) },
  'group.create': { from: 'nothing', options: () => ({ details: { name: 'new', description: null } }) },
  'group.update': { options: () => ({ details: { description: 'another' } }) },
  'group.delete': {},
  'group.add': { options: () => ({ details: { users: ['admin'] } }) },
  'group.remove': { options: () => ({ details: { users: ['admin'] } }) },
}

/** A guest in the pool of a shared disk. */
function guestBeside(disk: string): string {
  return disk.startsWith('pool1') ? 'vm1' : 'vm7'
}

/** What the targets of an operation are made from, where it makes them from nothing that is there. */
export function madeIn(operation: RunOperation): 'pool' | 'nothing' | null {
  return asks[operation].from ?? null
}

/** What somebody finds of objects with an operation, as he would by doing it: each is allowed, auth.denied, or not-found.* where there is none for him. */
export async function found(farm: Pick<Manager, 'startRun' | 'runReport'>, user: string, operation: RunOperation, objects: readonly string[]): Promise<Record<string, string>> {
  const { from, one } = asks[operation]
  const said: Record<string, string> = {}
  const rounds = from || one ? objects.map(object => [object]) : [objects]
  for (const round of rounds) {
    const request = requestOf(user, operation, ...round)
    const codes = await dryRun(farm, { ...request, selector: { ...request.selector, ...(from ? { targets: [] } : one ? {} : { ignoreMissing: true, allowEmpty: true }) } })
    for (const object of round) said[object] = typeof codes === 'string' ? codes : from || one ? [...codes.values()][0]! : (codes.get(object) ?? `not-found.${kindOf(operation)}`)
  }
  return said
}

/** Of each object of a dry run, by whatever it can be called, whether it was permitted, whatever else it failed with; or what all of it was refused with. */
async function dryRun(farm: Pick<Manager, 'startRun' | 'runReport'>, request: RunRequest): Promise<Map<string, string> | string> {
  try {
    const handle = await farm.startRun({ ...request, policy: { ...request.policy, dryRun: true } })
    const report = await farm.runReport({ principal: request.principal, run: handle.run })
    return new Map(report.items.flatMap(item => [item.name, item.id, `${item.pool}/${item.name}`].map(called => [called, item.error?.code === 'auth.denied' ? 'auth.denied' : 'allowed'] as const)))
  } catch (error) {
    if (error instanceof Refusal && /^(auth\.denied|not-found\..*)$/.test(error.code)) return error.code
    throw error
  }
}

/** A request to run an operation on what was named, or on all. */
export function requestOf(user: string, operation: RunOperation, ...targets: string[]): RunRequest {
  return {
    principal: { user }, requestKey: `${user}/${operation}/${targets.join()}`, operation, reason: null,
    selector: { targets: asks[operation].on ? targets.map(asks[operation].on) : [...targets], listed: false, all: targets.length === 0, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
    options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null, ...asks[operation].options?.(targets[0] ?? '') },
    guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true },
    policy: { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null },
  }
}
