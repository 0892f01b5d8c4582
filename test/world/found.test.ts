import { describe, it } from 'vitest'
import type { OperationOptions, Policy } from '../../src/contract/requests.js'
import { guestSpec, type GuestFields } from '../../src/model/guest-spec.js'
import type { RunOperation } from '../../src/model/operations.js'
import { playHistory, type History } from './histories.js'

type Client = History['clients'][number]
type Command = Client['commands'][number]

const policy: Policy = { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null }

function run(operation: RunOperation, targets: string[], options: Partial<OperationOptions> = {}, how: Partial<Policy> = {}): Command {
  return { kind: 'run', user: 'admin', ask: { operation, targets, options }, policy: { ...policy, ...how }, interruptAfter: null }
}

const create = (fields: GuestFields, how: Partial<Policy> = {}) => run('vm.create', [], { details: { guests: [guestSpec({ pool: 'pool1', ...fields })] } }, how)

function told(clients: (Command[] | Client)[], rest: Partial<History> = {}): History {
  return { clients: clients.map(client => (Array.isArray(client) ? { commands: client, death: null } : client)), faults: [], running: false, seed: 0, ...rest }
}

const nics = [{ bridge: 'xenbr0', mac: '00:16:3e:aa:aa:aa' }]

// What the simulation found once, as it shrank it.
const found: Record<string, History> = {
  'the first card of a new guest had the address of a guest of the preset': told([[create({ name: 'n1', pxe: true })]]),
  'a guest that was made after its command had given up waited for ever to be started': told([
    [create({ name: 'n1', template: 'ol5u5-pv', start: true }, { timeoutMs: 5_000 }), run('vm.clone', ['vm1'], { details: { names: ['n1'], pool: null } })],
    [run('vm.update', ['vm1'], { tags: { set: { tier: '0' }, unset: [] } })],
  ]),
  'a tag was set of guests that had it and of guests that had not': told([[run('vm.update', ['vm1'], { tags: { set: { tier: '1' }, unset: [] } }), run('vm.update', ['vm7', 'vm1'], { tags: { set: { tier: '0' }, unset: [] } })]]),
  'a server that was asked before it was switched off was recorded as back after it was': told([
    [{ ...run('server.stop', ['ovs1'], {}, { canary: 1 }), interruptAfter: 1 } as Command],
    [run('vm.template', ['vm1'], { details: { name: 't1' } }, { canary: 1 }), run('user.create', [], { details: { name: 'u1', role: 'administrator', email: null, password: 'Zwiebelkuchen' } })],
    [run('disk.delete', ['d1'], {}, { maxFailures: { count: 0 }, finishBy: '+20s' }), run('repo.root', ['pool1/dev/sdb1'], {}, { orderTag: 'tier' }), { kind: 'clock', user: 'admin', advanceMs: 0 }],
  ], { faults: [{ kind: 'copy-fail', which: 0, befalls: 0, afterMs: 1_001, forMs: null, count: null }], seed: 1 }),
  'two guests that were given one device at once both had it': told([[run('vm.disk-add', ['vm2'], { details: { device: '/dev/sdz' } })], [run('vm.disk-add', ['vm1'], { details: { device: '/dev/sdz' } })]]),
  'two guests that were made at once got the address that both asked for': told([[create({ name: 'n1', pxe: true, nics })], [create({ name: 'n2', pxe: true, nics })]]),
  'a guest was made for an owner who was gone': told([[create({ name: 'n1', pxe: true, owner: 'operator' })], [run('user.delete', ['operator'], { details: { newOwner: null } })]], { seed: 2 }),
  'a guest was made for a group that was gone': told([[run('group.create', [], { details: { name: 'g1', description: null } }), create({ name: 'n1', pxe: true, group: 'g1' })], [run('vm.start', ['vm2']), run('group.delete', ['g1'])]], { seed: 3 }),
}

describe('histories that broke an invariant once', () => {
  it.each(Object.entries(found))('%s', (_, history) => playHistory(history))
})
