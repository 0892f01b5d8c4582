import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import type { OperationOptions } from '../../src/contract/requests.js'
import { guestSpec } from '../../src/model/guest-spec.js'
import { runOperations, type RunOperation } from '../../src/model/operations.js'
import { TwoManagers } from './two-managers.js'

// What scrypt makes of a password is not what is looked at here.
vi.mock('../../src/manager/people/scrypt.js', () => ({ hashPassword: async () => '$kept$', isPassword: async () => true }))

/** A farm on which every operation finds something to do. */
async function farmForAll(): Promise<TwoManagers> {
  const farm = await TwoManagers.over('figure-8')
  const steps: [RunOperation, string[], Partial<OperationOptions>?][] = [
    ['vm.start', ['vm1', 'vm2', 'vm3'], { on: 'ovs1' }], ['vm.pause', ['vm2']], ['vm.suspend', ['vm3']],
    ['pool.add-server', [], { details: { pool: 'pool1', servers: [{ name: 'ovs4', address: '10.1.0.4' }, { name: 'ovs5', address: '10.1.0.5' }, { name: 'ovs7', address: '10.1.0.7' }], password: null, roles: null } }],
    ['server.stop', ['ovs4']], ['server.maintenance-on', ['ovs5']], ['agent.stop', ['ovs7']],
    ['repo.add', [], { details: { pool: 'pool1', device: '/dev/sdz1', nfs: null, qos: null, sizeMiB: null } }],
    ['pool.create', [], { details: { name: 'empty', servers: [{ name: 'ovs6', address: '10.6.0.1' }], password: null, storage: null, ha: false, virtualIp: null } }],
    ['vm.create', [], { details: { guests: [guestSpec({ name: 'h', pool: 'pool1', iso: 'ol5u5.iso', type: 'hvm', repository: '/dev/sdb1' }), guestSpec({ name: 'p', pool: 'pool1', pxe: true, type: 'hvm', repository: '/dev/sdb1' })] } }],
    ['disk.create', [], { details: { names: ['d', 'e'], pool: 'pool1', sizeMiB: 100, repo: '/dev/sdb1' } }], ['disk.attach', ['vm4'], { details: { disk: 'd', device: null, mode: 'w' } }],
    ['user.create', [], { details: { name: 'bob', role: 'manager', email: null, password: 'a long pass phrase' } }], ['user.lock', ['bob']], ['user.grant', ['bob'], { details: { pools: ['pool1'] } }],
    ['group.create', [], { details: { name: 'web', description: null } }], ['group.add', ['web'], { details: { users: ['bob'] } }],
    ...(['template', 'image', 'iso'] as const).map((kind): [RunOperation, string[], Partial<OperationOptions>] => [`${kind}.register`, [], { details: { name: extra(kind), pool: 'pool1' } }]),
    ['vm.start', ['vm7'], {}],
  ]
  for (const [operation, targets, options] of steps) {
    const report = await farm.run(farm.first, operation, targets, options)
    if (operation !== 'vm.start') expect(report.failed, `${operation}: ${JSON.stringify(report.items)}`).toBe(0)
  }
  await farm.repository.transact(tx => tx.run(`update vm set state = 'error' where name = 'vm6'`))
  return farm
}

/** What the preset leaves in each pool for somebody to register. */
function extra(kind: 'template' | 'image' | 'iso'): string {
  return kind === 'iso' ? 'ol5u5-extra.iso' : 'ol5u5-extra'
}

const imported = { details: { name: 'new2', pool: 'pool1', source: { path: fileURLToPath(import.meta.url) }, proxy: null, checksum: null, type: 'pv', os: null } }
const importedIso = { details: { ...imported.details, type: null } }

const many = ['vm1', 'vm2', 'vm3', 'vm5', 'vm6', 'h']
/** What is tried of each operation. */
const tries: Record<RunOperation, [targets: string[], options?: Partial<OperationOptions>]> = {
  'vm.create': [[], { details: { guests: [guestSpec({ name: 'new', pool: 'pool1', template: 'ol5u5-pv', start: true, consolePassword: 'secret12' })] } }], 'vm.clone': [['vm5'], { details: { names: ['c1', 'c2'], pool: null } }], 'vm.template': [['vm5'], { details: { name: 'new' } }],
  'vm.import': [[], imported], 'template.import': [[], imported], 'image.import': [[], imported], 'iso.import': [[], importedIso],
  'template.register': [[], { details: { name: extra('template'), pool: 'pool2' } }], 'image.register': [[], { details: { name: extra('image'), pool: 'pool2' } }], 'iso.register': [[], { details: { name: extra('iso'), pool: 'pool2' } }],
  'template.approve': [['pool1/ol5u5-extra']], 'image.approve': [['pool1/ol5u5-extra']], 'iso.approve': [['pool1/ol5u5-extra.iso']], 'template.cancel': [['pool1/ol5u5-extra']], 'image.cancel': [['pool1/ol5u5-extra']], 'iso.cancel': [['pool1/ol5u5-extra.iso']],
  'template.delete': [['pool1/ol5u5-extra']], 'image.delete': [['pool1/ol5u5-extra']], 'iso.delete': [['pool1/ol5u5-extra.iso']],
  'vm.start': [many], 'vm.stop': [many, { force: true }], 'vm.reboot': [many], 'vm.pause': [many], 'vm.unpause': [many], 'vm.suspend': [many], 'vm.resume': [many], 'vm.migrate': [many, { to: 'auto' }], 'vm.move': [['vm5'], { repo: '/dev/sdz1' }],
  'vm.delete': [['vm5']], 'vm.reset-status': [['vm6']], 'vm.update': [['vm1', 'vm5'], { details: { memoryMiB: 512 }, tags: { set: { a: 'b' }, unset: [] } }],
  'vm.nic-add': [['vm5'], { details: { bridge: 'xenbr1', mac: null } }], 'vm.nic-update': [['vm5'], { details: { nic: 'eth0', bridge: 'xenbr1', mac: null } }], 'vm.nic-remove': [['vm5'], { details: { nic: 'eth0' } }],
  'vm.disk-add': [['vm5'], { details: { sizeMiB: 10 } }], 'vm.disk-remove': [['vm5'], { details: { disk: 'xvda' } }], 'vm.cdrom-insert': [['p'], { details: { iso: 'ol5u5.iso' } }], 'vm.cdrom-eject': [['h']],
  'server.start': [['ovs4']], 'server.stop': [['ovs5']], 'server.restart': [['ovs5']], 'server.remove': [['ovs5']], 'server.maintenance-on': [['ovs2']], 'server.maintenance-off': [['ovs5']], 'server.update': [['ovs2'], { details: { roles: null, rename: 'other' } }],
  'agent.start': [['ovs7']], 'agent.stop': [['ovs2']], 'agent.restart': [['ovs2']], 'agent.configure': [['ovs2'], { secret: JSON.stringify({ password: 'a long pass phrase', oldPassword: null }) }],
  'pool.create': [[], { details: { name: 'new', servers: [{ name: 'new', address: '10.9.0.1' }], password: 'a long pass phrase', storage: null, ha: false, virtualIp: null } }], 'pool.update': [['pool1'], { details: { rename: 'p', storage: null, ha: null, virtualIp: null } }],
  'pool.delete': [['empty']], 'pool.refresh': [['pool1']], 'pool.restore': [['pool1']], 'pool.master': [['pool1'], { details: { server: 'ovs2' } }],
  'pool.add-server': [[], { details: { pool: 'pool1', servers: [{ name: 'new', address: '10.9.0.1' }], password: 'a long pass phrase', roles: null } }], 'pool.remove-server': [[], { details: { pool: 'pool1', servers: ['ovs5'] } }],
  'repo.add': [[], { details: { pool: 'pool1', device: '/dev/sdy1', nfs: null, qos: null, sizeMiB: null } }], 'repo.root': [['pool1//dev/sdz1']], 'repo.remove': [['pool1//dev/sdz1']],
  'disk.create': [[], { details: { names: ['new'], pool: 'pool1', sizeMiB: 10, repo: null } }], 'disk.attach': [['vm5'], { details: { disk: 'd', device: null, mode: 'w' } }], 'disk.detach': [['vm4'], { details: { disk: 'd' } }], 'disk.delete': [['e']],
  'user.create': [[], { details: { name: 'new', role: 'user', email: null, password: 'a long pass phrase' } }], 'user.update': [['bob'], { details: { role: 'user' } }], 'user.delete': [['bob'], { details: { newOwner: null } }], 'user.password': [['bob'], { details: { password: 'another pass phrase' } }],
  'user.lock': [['alice']], 'user.unlock': [['bob']], 'user.grant': [['bob'], { details: { pools: ['pool2'] } }], 'user.revoke': [['bob'], { details: { pools: ['pool1'] } }],
  'group.create': [[], { details: { name: 'new', description: null } }], 'group.update': [['web'], { details: { description: 'another' } }], 'group.delete': [['web']], 'group.add': [['web'], { details: { users: ['alice'] } }], 'group.remove': [['web'], { details: { users: ['bob'] } }],
}

describe('a dry run of every operation', () => {
  it('says what would be done, and changes nothing: no row of the records, none of the world', async () => {
    const farm = await farmForAll()
    const before = await farm.everything()
    for (const operation of runOperations) {
      const [targets, options] = tries[operation]
      const report = await farm.run(farm.first, operation, targets, options, true)
      // The servers know all that they could be told.
      if (operation !== 'pool.restore') expect(report.wouldDo, `${operation}: ${JSON.stringify(report.items)}`).toBeGreaterThan(0)
      expect(report.done + report.failed + report.accepted, operation).toBe(0)
      expect(await farm.everything(), operation).toEqual(before)
    }
  }, 60_000)
})
