import type { OperationOptions } from '../contract/requests.js'
import type { Fault } from '../model/errors.js'
import type { RunOperation } from '../model/operations.js'
import { asItWas, emptied, insertedAgain, nicAsItWas, withoutAddedDisk, withoutAddedNic, withRemovedDisk, withRemovedNic } from './guests/config-inverses.js'
import type { ItemRecord } from './run-records.js'

/** What takes an operation back. */
export interface Inverse {
  operation: RunOperation
  /** what is asked of all its targets */
  options?: Partial<OperationOptions>
  /** what is asked of one of them, by what was changed of it, or why it cannot be taken back */
  own?(item: ItemRecord): Partial<OperationOptions> | Fault
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
  'vm.template': { impossible: 'templates are deleted by their name', instead: 'template delete NAME' },
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
  'server.start': { operation: 'server.stop' },
  'server.stop': { operation: 'server.start' },
  'server.restart': { impossible: 'a server that was restarted cannot go back to before', instead: null },
}

/** What takes an operation back, or why nothing does. */
export function inverseOf(operation: RunOperation): Inverse | Impossible {
  return inverses[operation]
}

function whereItWas(item: ItemRecord): Partial<OperationOptions> {
  return { on: item.serverId }
}
