import { Refusal } from '../model/errors.js'

/** What whoever comes too late is told. */
export function beingStopped(): Refusal {
  return new Refusal('manager.busy', 'the manager is being stopped', 'try again when it is back')
}
