import type { Change } from '../acts.js'
import { changedWords } from '../changed-words.js'

/** What an event says of a change of what a guest is. */
export function changeWords(name: string, change: Change): string {
  return `guest ${name} updated: ${changedWords(change)}`
}
