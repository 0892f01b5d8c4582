import type { Fault } from '../../model/errors.js'
import { partStates, type PartOperation } from '../../model/vm-part-states.js'
import type { VmState } from '../../model/vm-states.js'
import { fault } from '../launch.js'

/** Why a part of a guest cannot be changed in its state; null when it can. */
export function partStateFault(verb: PartOperation, { name, state }: { name: string; state: VmState }): Fault | null {
  const allowed: readonly VmState[] = partStates[verb]
  if (allowed.includes(state)) return null
  return fault('vm.state', `guest ${name} is ${state}: ${verb.replace('-', ' ')} is not possible`, state === 'running' ? `vm stop ${name} first` : `it is possible while the guest is ${allowed.join(' or ')}`, { state, operation: verb, allowed })
}
