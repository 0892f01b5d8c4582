import type { RunRequest } from '../contract/requests.js'
import type { RunOperation } from '../model/operations.js'
import type { Reader } from '../store/store.js'
import type { Caller } from './principal.js'
import type { Target } from './targets.js'

/**
 * Checks what only one operation asks, as far as it is the same for every target, before its run is recorded: the details that
 * the run keeps, with whatever they name looked up. @throws Refusal
 */
export type Admit = (reader: Reader, caller: Caller, request: RunRequest, targets: readonly Target[]) => Promise<object>

/** Of operations on what is there already, those whose details are checked, each in its room. */
const admissions: Partial<Record<RunOperation, () => Promise<Admit>>> = {
  'vm.update': async () => (await import('./guests/update-request.js')).admitUpdate,
  'vm.nic-add': async () => (await import('./guests/part-request.js')).partRequests['vm.nic-add'],
  'vm.nic-update': async () => (await import('./guests/part-request.js')).partRequests['vm.nic-update'],
  'vm.nic-remove': async () => (await import('./guests/part-request.js')).partRequests['vm.nic-remove'],
  'vm.disk-add': async () => (await import('./guests/part-request.js')).partRequests['vm.disk-add'],
  'vm.disk-remove': async () => (await import('./guests/part-request.js')).partRequests['vm.disk-remove'],
  'vm.cdrom-insert': async () => (await import('./guests/part-request.js')).partRequests['vm.cdrom-insert'],
  'server.update': async () => (await import('./servers/update.js')).admitUpdate,
  'agent.configure': async () => (await import('./servers/configure-agent.js')).admitConfigure,
}

/** How a request for an operation is admitted; null where it has no details. */
export async function admissionOf(operation: RunOperation): Promise<Admit | null> {
  return (await admissions[operation]?.()) ?? null
}
