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
}

/** How a request for an operation is admitted; null where it has no details. */
export async function admissionOf(operation: RunOperation): Promise<Admit | null> {
  return (await admissions[operation]?.()) ?? null
}
