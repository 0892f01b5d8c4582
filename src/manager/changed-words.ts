import type { Change } from './acts.js'

/** What an event says of a change: each field with its value before and after. A secret is in no change, so in no event either. */
export function changedWords({ before, after }: Change): string {
  return Object.keys(after).map(field => `${field} ${written(before[field])} → ${written(after[field])}`).join(', ')
}

function written(value: unknown): string {
  if (Array.isArray(value)) return value.join(' ') || 'none'
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([key, text]) => `${key}=${String(text)}`).join(' ') || 'none'
  return value === null || value === undefined || value === '' ? 'none' : String(value as string | number | boolean)
}
