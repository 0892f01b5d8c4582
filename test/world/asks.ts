import fc from 'fast-check'
import type { OperationOptions } from '../../src/contract/requests.js'
import { guestSpec } from '../../src/model/guest-spec.js'
import type { ServerRole } from '../../src/model/object-states.js'
import { kindOf, operationRow, runOperations, type RunOperation } from '../../src/model/operations.js'
import type { Way } from '../../src/model/operations/row.js'

/** What a history asks for in one run: the names that it is aimed at, and what only this operation has. */
export interface Asked { targets: string[]; options?: Partial<OperationOptions> }

/** Mostly null. */
export const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value })

// Few names, so that what one client makes another one changes, or makes as well.
const pool = fc.constantFrom('pool1', 'pool1', 'pool2')
const made = fc.constantFrom('n1', 'n2', 'n3', 'n4')
const server = fc.constantFrom('ovs1', 'ovs2', 'ovs3')
const template = fc.constantFrom('ol5u5-pv', 'ol5u5-pv', 't1')
const figureGuest = fc.integer({ min: 1, max: 10 }).map(number => `vm${number}`)
const guest = fc.oneof({ weight: 6, arbitrary: fc.constantFrom('vm1', 'vm2', 'vm7') }, { weight: 2, arbitrary: figureGuest }, { weight: 2, arbitrary: made })
const some = <T>(one: fc.Arbitrary<T>, most: number) => fc.uniqueArray(one, { minLength: 1, maxLength: most })
const to = <O extends Partial<OperationOptions>>(targets: fc.Arbitrary<string[]>, options: fc.Arbitrary<O>): fc.Arbitrary<Asked> => fc.record({ targets, options })
const guests = some(guest, 6)
const plain = guests.map((targets): Asked => ({ targets }))

const newServer = fc.constantFrom(['ovs1', '10.1.0.1'], ['ovs2', '10.1.0.2'], ['ovs3', '10.2.0.1'], ['ovs4', '10.1.0.4']).map(([name, address]) => ({ name: name!, address: address! }))
const repo = fc.constantFrom('pool1/dev/sdb1', 'pool1/dev/sdc1', 'pool1/dev/sdd1', 'pool2/dev/sdb1', 'pool2/dev/sdd1')
const sharedDisk = fc.constantFrom('d1', 'd2')
const askedMac = '00:16:3e:aa:aa:aa'
const role = fc.constantFrom('administrator' as const, 'manager' as const, 'user' as const)
const people = some(fc.constantFrom('admin', 'operator', 'alice', 'u1', 'u2'), 3)
const password = 'Zwiebelkuchen'

const newGuest = fc.record({
  name: made, pool, start: fc.boolean(), memoryMiB: fc.constantFrom(null, 1_024, 9_000), vcpus: fc.constantFrom(null, 1, 5), visibility: fc.constantFrom('private' as const, 'private' as const, 'public' as const), group: fc.constantFrom(null, null, 'g1'), owner: fc.constantFrom(null, null, 'alice'),
  mac: fc.constantFrom(null, null, askedMac),
  from: fc.oneof(template.map(template => ({ template })), fc.constantFrom(20_000, 40_000).map(diskMiB => ({ diskMiB })), fc.constant({ pxe: true, memoryMiB: 512 })),
}).map(({ from, mac, ...rest }) => guestSpec({ ...rest, ...from, ...(mac === null ? {} : { nics: [{ bridge: 'xenbr0', mac }] }) }))

/**
 * The table of what histories ask for: an operation takes part by an entry here. Requests are mostly such as could be granted: a
 * guest, a pool or a file may be gone, busy or another's by then, which is for the manager to find out.
 */
const asks: Partial<Record<RunOperation, fc.Arbitrary<Asked>>> = {
  'vm.start': to(guests, fc.record({ on: fc.constantFrom(null, null, 'ovs1', 'ovs2') })),
  'vm.stop': to(guests, fc.record({ force: fc.boolean(), graceMs: fc.constantFrom(null, 5_000), forceAfterMs: fc.constantFrom(null, null, 20_000) })),
  'vm.reboot': plain,
  'vm.pause': plain,
  'vm.unpause': plain,
  'vm.suspend': plain,
  'vm.resume': plain,
  'vm.migrate': to(guests, fc.record({ to: fc.constantFrom('auto', 'ovs1', 'ovs2', 'ovs3') })),
  'vm.reset-status': plain,
  'vm.update': to(guests, fc.oneof(
    fc.integer({ min: 0, max: 2 }).map(tier => ({ tags: { set: { tier: String(tier) }, unset: [] } })),
    fc.oneof(fc.record({ name: made }), fc.record({ memoryMiB: fc.constantFrom(2_048, 4_096, 8_192) }), fc.record({ vcpus: fc.constantFrom(1, 2, 6) }), fc.record({ owner: fc.constantFrom('alice', 'u1') }), fc.record({ group: fc.constantFrom(null, 'g1') })).map(details => ({ details })),
  )),
  'vm.nic-add': to(some(guest, 3), fc.record({ mac: fc.constantFrom(null, askedMac) }).map(({ mac }) => ({ details: { bridge: 'xenbr0', mac } }))),
  'vm.nic-update': to(some(guest, 3), fc.record({ mac: fc.constantFrom(null, askedMac), bridge: fc.constantFrom('xenbr0', 'xenbr1') }).map(card => ({ details: { nic: 'eth0', ...card } }))),
  'vm.nic-remove': to(some(guest, 3), fc.constantFrom('eth0', 'eth1').map(nic => ({ details: { nic } }))),
  'vm.disk-add': to(some(guest, 3), fc.constantFrom({ sizeMiB: 5_000 }, { sizeMiB: 30_000 }, { device: '/dev/sdz' }).map(details => ({ details }))),
  'vm.disk-remove': to(some(guest, 3), fc.constantFrom('xvdb', 'xvdb', 'xvdc').map(disk => ({ details: { disk } }))),
  'vm.cdrom-insert': to(some(guest, 3), fc.constant({ details: { iso: 'ol5u5.iso' } })),
  'vm.cdrom-eject': plain,
  'vm.create': some(newGuest, 2).map(guests => ({ targets: [], options: { details: { guests } } })),
  'vm.clone': fc.record({ guest, names: some(made, 3), pool: maybe(pool) }).map(({ guest, ...details }) => ({ targets: [guest], options: { details } })),
  'vm.template': fc.record({ guest, name: fc.constantFrom('t1', 't2') }).map(({ guest, name }) => ({ targets: [guest], options: { details: { name } } })),
  'vm.move': to(guests, fc.record({ repo: fc.constantFrom('/dev/sdc1', '/dev/sdc1', '/dev/sdb1') })),
  'vm.delete': plain,
  'repo.add': fc.record({ pool, device: fc.constantFrom('/dev/sdd1', '/dev/sdc1'), sizeMiB: fc.constantFrom(30_000, 90_000) }).map(details => ({ targets: [], options: { details: { ...details, nfs: null, qos: null } } })),
  'repo.root': to(repo.map(one => [one]), fc.constant({})),
  'repo.remove': to(repo.map(one => [one]), fc.constant({})),
  'disk.create': fc.record({ names: some(sharedDisk, 2), pool, sizeMiB: fc.constantFrom(1_000, 30_000), repo: fc.constantFrom(null, null, '/dev/sdc1') }).map(details => ({ targets: [], options: { details } })),
  'disk.attach': to(some(guest, 2), fc.record({ disk: sharedDisk, mode: fc.constantFrom('w', 'r') }).map(details => ({ details: { ...details, device: null } }))),
  'disk.detach': to(some(guest, 2), sharedDisk.map(disk => ({ details: { disk } }))),
  'disk.delete': to(some(sharedDisk, 2), fc.constant({})),
  'user.create': fc.record({ name: fc.constantFrom('u1', 'u2'), role }).map(user => ({ targets: [], options: { details: { ...user, email: null, password } } })),
  'user.update': to(people, fc.record({ role }).map(details => ({ details }))),
  'user.delete': to(people, fc.record({ newOwner: fc.constantFrom(null, 'admin', 'u1') }).map(details => ({ details }))),
  // Those whose password is set can be acted as no more: nobody gives it.
  'user.password': to(some(fc.constantFrom('u1', 'u2'), 1), fc.constant({ details: { password } })),
  'user.lock': people.map(targets => ({ targets })),
  'user.unlock': people.map(targets => ({ targets })),
  'user.grant': to(people, some(pool, 2).map(pools => ({ details: { pools } }))),
  'user.revoke': to(people, some(pool, 2).map(pools => ({ details: { pools } }))),
  'group.create': fc.constant({ targets: [], options: { details: { name: 'g1', description: null } } }),
  'group.update': fc.constantFrom(null, 'those').map(description => ({ targets: ['g1'], options: { details: { description } } })),
  'group.delete': fc.constant({ targets: ['g1'] }),
  'group.add': people.map(users => ({ targets: ['g1'], options: { details: { users } } })),
  'group.remove': people.map(users => ({ targets: ['g1'], options: { details: { users } } })),
  'template.approve': to(some(template, 1), fc.constant({})),
  'template.cancel': to(some(template, 1), fc.constant({})),
  'template.delete': to(some(template, 1), fc.constant({})),
  'iso.approve': fc.constant({ targets: ['ol5u5.iso'] }),
  'iso.cancel': fc.constant({ targets: ['ol5u5.iso'] }),
  'iso.delete': fc.constant({ targets: ['ol5u5.iso'] }),
  'server.start': to(some(server, 2), fc.constant({})),
  'server.stop': to(some(server, 2), fc.record({ evacuate: fc.boolean(), force: fc.boolean() })),
  'server.maintenance-on': to(some(server, 2), fc.constant({})),
  'server.maintenance-off': to(some(server, 2), fc.constant({})),
  'server.update': to(some(server, 1), fc.constantFrom<ServerRole[][]>(['vm'], ['utility', 'vm'], ['utility']).map(roles => ({ details: { roles, rename: null } }))),
  'server.remove': to(some(server, 1), fc.constant({})),
  'agent.start': to(some(server, 2), fc.constant({})),
  'agent.stop': to(some(server, 1), fc.constant({})),
  'agent.restart': to(some(server, 1), fc.constant({})),
  'agent.configure': to(some(server, 2), fc.constantFrom('one-password', 'another-password').map(password => ({ secret: JSON.stringify({ password, oldPassword: null }) }))),
  'pool.create': fc.record({ name: fc.constant('pool3'), servers: some(newServer, 1) }).map(pool => ({ targets: [], options: { details: { ...pool, password: null, storage: null, ha: false, virtualIp: null } } })),
  'pool.update': to(some(pool, 1), fc.record({ ha: fc.constantFrom(null, true, false), virtualIp: fc.constantFrom(null, '10.1.0.250', 'none'), rename: fc.constantFrom(null, null, 'pool4') }).map(details => ({ details: { ...details, storage: null } }))),
  'pool.delete': to(some(fc.constantFrom('pool2', 'pool3', 'pool3'), 1), fc.constant({})),
  // Servers come back from where they were, so that they can be had again, or are new.
  'pool.add-server': fc.record({ pool, servers: some(newServer, 2), roles: fc.constantFrom<(ServerRole[] | null)[]>(null, ['utility']) }).map(details => ({ targets: [details.pool], options: { details: { ...details, password: null } } })),
  'pool.remove-server': fc.record({ pool, servers: some(server, 2) }).map(details => ({ targets: [details.pool], options: { details } })),
  'pool.master': to(some(pool, 1), fc.constantFrom(null, 'ovs1', 'ovs2').map(server => ({ details: { server } }))),
  'pool.refresh': to(some(pool, 2), fc.constant({})),
  'pool.restore': to(some(pool, 2), fc.constant({})),
  'server.restart': to(some(server, 2), fc.record({ evacuate: fc.boolean(), force: fc.boolean() })),
}

const fetches = 'bytes come from outside in real time, beside the turns of the clients'
const lies = 'the farm of histories has no files that nobody recorded'
const noImages = 'nothing that histories ask for brings an image'

/** Operations that no history asks for, and why. */
export const notAsked: Partial<Record<RunOperation, string>> = {
  ...Object.fromEntries((['template.import', 'image.import', 'iso.import', 'vm.import'] as const).map(operation => [operation, fetches])),
  ...Object.fromEntries((['template.register', 'image.register', 'iso.register'] as const).map(operation => [operation, lies])),
  ...Object.fromEntries((['image.approve', 'image.cancel', 'image.delete'] as const).map(operation => [operation, noImages])),
}

/** Operations of which nobody said what histories ask for, and those of which two things are said. */
export function unaccounted(): RunOperation[] {
  return runOperations.filter(operation => (asks[operation] === undefined) === (notAsked[operation] === undefined))
}

function weightOf(operation: RunOperation): number {
  return kindOf(operation) === 'vm' ? 8 : operationRow(operation).concerns === 'pools' ? 4 : 1
}

/** What a history is about: work of mostly some ways, so that they meet. */
export const themes: readonly (readonly Way[])[] = [['guest', 'power'], ['files'], ['records'], ['guest', 'power', 'files', 'records']]

/** A run of any operation that histories ask for, mostly one of some ways; operations on guests come most often, there is most to go wrong. */
export function asked(ways: readonly Way[]): fc.Arbitrary<Asked & { operation: RunOperation }> {
  return fc.oneof(...runOperations.flatMap(operation => {
    const ask = asks[operation]
    return ask ? [{ weight: weightOf(operation) * (ways.includes(operationRow(operation).way) ? 10 : 1), arbitrary: ask.map(one => ({ operation, ...one })) }] : []
  }))
}
