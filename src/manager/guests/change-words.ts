import type { Change } from '../acts.js'

/** What an event says of a change. */
export function changeWords(name: string, { after }: Change): string {
  const words = Object.entries(after).map(([field, value]) => `${field} ${value === null ? 'none' : typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean)}`)
  return `guest ${name} updated: ${words.join(', ')}`
}
