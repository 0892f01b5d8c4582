import type { OperationOptions } from '../contract/requests.js'
import type { Fault } from '../model/errors.js'
import type { RunOperation } from '../model/operations.js'
import { asItWas, emptied, insertedAgain, nicAsItWas, withoutAddedDisk, withoutAddedNic, withRemovedDisk, withRemovedNic } from './guests/config-inverses.js'
import type { ResourceKind } from '../model/operations/resources.js'
import type { ItemRecord } from './run-records.js'

/** What takes an operation back. */
export interface Inverse {
  operation: RunOperation
  /** what is asked of all its targets */
  options?: Partial<OperationOptions>
  /** what is asked of one of them, by what was changed of it, or why it cannot be taken back */
  own?(item: ItemRecord): Partial<OperationOptions> | Fault
  /** what it is done to, where that is not what the item was about; null: there is no such thing */
  onto?(item: ItemRecord): { id: string; name: string } | null
  /** what is kept of one of them beside that, where the operation finds its own */
  spec?(item: ItemRecord): object
}

/** Why nothing takes an operation back, and what to do instead. */
export interface Impossible { impossible: string; instead: string | null }

/**
 * What takes back each operation. Whether it still can be is up to the operation that does it: the state table, the rules and the
 * permissions are asked as ever, so what somebody changed since is not overrun.
 */
const inverses: Record<RunOperation, Inverse | Impossible> = {
  'vm.create': { operation: 'vm.delete' },
  'vm.clone': { operation: 'vm.delete' },
  'vm.template': { operation: 'template.delete' },
  'vm.start': { operation: 'vm.stop' },
  'vm.stop': { operation: 'vm.start', own: whereItWas },
  'vm.reboot': { impossible: 'a guest that was rebooted cannot go back to before', instead: null },
  'vm.pause': { operation: 'vm.unpause' },
  'vm.unpause': { operation: 'vm.pause' },
  'vm.suspend': { operation: 'vm.resume', own: whereItWas },
  'vm.resume': { operation: 'vm.suspend' },
  'vm.migrate': { operation: 'vm.migrate', own: item => ({ to: item.serverId }) },
  'vm.move': { operation: 'vm.move', own: item => ({ repo: String(item.change?.before['repository']) }) },
  'vm.delete': { impossible: 'the files are gone', instead: 'vm create or vm clone makes guests anew' },
  'vm.reset-status': { impossible: 'it recorded what is so', instead: null },
  'vm.update': { operation: 'vm.update', own: asItWas },
  'vm.nic-add': { operation: 'vm.nic-remove', own: withoutAddedNic },
  'vm.nic-update': { operation: 'vm.nic-update', own: nicAsItWas },
  'vm.nic-remove': { operation: 'vm.nic-add', own: withRemovedNic },
  'vm.disk-add': { operation: 'vm.disk-remove', own: withoutAddedDisk },
  'vm.disk-remove': { operation: 'vm.disk-add', own: withRemovedDisk },
  'vm.cdrom-insert': { operation: 'vm.cdrom-eject', own: emptied },
  'vm.cdrom-eject': { operation: 'vm.cdrom-insert', own: insertedAgain },
  'vm.import': { operation: 'vm.delete' },
  ...ofResources('template'), ...ofResources('image'), ...ofResources('iso'),
  'server.start': { operation: 'server.stop' },
  'server.stop': { operation: 'server.start' },
  'server.remove': { impossible: 'the server is nobody\'s now', instead: 'pool add-server POOL NAME --address ADDRESS' },
  'pool.create': { operation: 'pool.delete' },
  'pool.update': { operation: 'pool.update', own: ({ change }) => ({ details: poolAsItWas(change!.before) }) },
  'pool.delete': { impossible: 'its repositories are gone', instead: 'pool create' },
  'pool.add-server': { operation: 'server.remove' },
  'pool.remove-server': { impossible: 'the servers are nobody\'s now', instead: 'pool add-server POOL NAME --address ADDRESS' },
  'pool.master': { operation: 'pool.master', own: ({ name, change }) => (change!.before['master'] === null ? { code: 'undo.impossible', message: `pool ${name} had no master before`, hint: null, details: null } : { details: { server: change!.before['master'] } }) },
  'pool.refresh': { impossible: 'it recorded what is so', instead: null },
  'pool.restore': { impossible: 'what the servers had forgotten was not worth keeping', instead: null },
  'user.create': { operation: 'user.delete', options: { details: { newOwner: null } } },
  'user.update': { operation: 'user.update', own: asHeWas },
  'user.delete': { impossible: 'their passwords are gone', instead: 'user create makes users anew' },
  'user.password': { impossible: 'nobody knows the old password', instead: 'user password sets another' },
  'user.lock': { operation: 'user.unlock' },
  'user.unlock': { operation: 'user.lock' },
  'user.grant': { operation: 'user.revoke', own: item => ({ details: { pools: apart(item, 'pools', 'after', 'before') } }) },
  'user.revoke': { operation: 'user.grant', own: item => ({ details: { pools: apart(item, 'pools', 'before', 'after') } }) },
  'group.create': { operation: 'group.delete' },
  'group.update': { operation: 'group.update', own: item => ({ details: { description: item.change!.before['description'] } }) },
  'group.delete': { impossible: 'who was in the groups is told by the journal alone', instead: 'group create and group add make groups anew' },
  'group.add': { operation: 'group.remove', own: item => ({ details: { users: apart(item, 'members', 'after', 'before') } }) },
  'group.remove': { operation: 'group.add', own: item => ({ details: { users: apart(item, 'members', 'before', 'after') } }) },
  'repo.add': { operation: 'repo.remove' },
  'repo.root': { operation: 'repo.root', onto: rootBefore },
  'repo.remove': { impossible: 'what lay on the storage is gone', instead: 'repo add brings it anew' },
  'disk.create': { operation: 'disk.delete' },
  'disk.attach': { operation: 'disk.detach', spec: item => item.spec as object },
  'disk.detach': { operation: 'disk.attach', spec: item => ({ ...(item.spec as object), ...(item.change!.before['attached'] as object) }) },
  'disk.delete': { impossible: 'the files are gone', instead: 'disk create makes disks anew' },
  'server.maintenance-on': { operation: 'server.maintenance-off' },
  'server.maintenance-off': { operation: 'server.maintenance-on' },
  'server.update': { operation: 'server.update', own: ({ change }) => ({ details: { roles: change?.before['roles'] ?? null, rename: change?.before['name'] ?? null } }) },
  'agent.start': { operation: 'agent.stop' },
  'agent.stop': { operation: 'agent.start' },
  'agent.restart': { impossible: 'an agent that was restarted cannot go back to before', instead: null },
  'agent.configure': { impossible: 'no password is kept that is not in use', instead: 'agent configure SERVER --password-file FILE sets another' },
  'server.restart': { impossible: 'a server that was restarted cannot go back to before', instead: null },
}

function ofResources<K extends ResourceKind>(kind: K): Record<`${K}.${'import' | 'register' | 'approve' | 'cancel' | 'delete'}`, Inverse | Impossible> {
  return {
    [`${kind}.import`]: { operation: `${kind}.delete` as RunOperation },
    [`${kind}.register`]: { impossible: 'what lay there before would have to go with it', instead: `${kind} delete NAME removes it, and its files` },
    [`${kind}.approve`]: { impossible: 'it may be in use since', instead: kind === 'image' ? 'vm delete NAME' : `${kind} delete NAME` },
    [`${kind}.cancel`]: { impossible: 'nothing of it is left', instead: `${kind} import brings it anew` },
    [`${kind}.delete`]: { impossible: 'the files are gone', instead: `${kind} import brings it anew` },
  } as Record<`${K}.${'import' | 'register' | 'approve' | 'cancel' | 'delete'}`, Inverse | Impossible>
}

/** What takes an operation back, or why nothing does. */
export function inverseOf(operation: RunOperation): Inverse | Impossible {
  return inverses[operation]
}

/** The repository that was the root of the pool before. */
function rootBefore({ change }: ItemRecord): { id: string; name: string } | null {
  const { root, rootId } = change!.before as { root: string | null; rootId: string | null }
  return root === null || rootId === null ? null : { id: rootId, name: root }
}

function poolAsItWas(before: Record<string, unknown>) {
  return { rename: before['name'] ?? null, storage: before['storage'] ?? null, ha: before['ha'] ?? null, virtualIp: 'virtualIp' in before ? (before['virtualIp'] ?? 'none') : null }
}

function whereItWas(item: ItemRecord): Partial<OperationOptions> {
  return { on: item.serverId }
}

/** What of a list of names one side of a change has and the other has not. */
function apart(item: ItemRecord, field: string, has: 'before' | 'after', hasNot: 'before' | 'after'): string[] {
  const without = new Set(item.change![hasNot][field] as string[])
  return (item.change![has][field] as string[]).filter(name => !without.has(name))
}

/** The role and address of a user before. Pools that went with a role do not come back with it. */
function asHeWas(item: ItemRecord): Partial<OperationOptions> | Fault {
  const { pools, ...details } = item.change!.before
  if (pools === undefined) return { details }
  return { code: 'undo.impossible', message: `the pools granted to ${item.name} went with his role: ${(pools as string[]).join(', ')}`, hint: 'user update --role manager, then user grant', details: null }
}
