/** A field of the details of an error, whatever they are: those of a manager elsewhere are what it says, and it may be of another version, or mean no good. */
function fieldOf(details: unknown, name: string): unknown {
  return typeof details === 'object' && details !== null ? (details as Readonly<Record<string, unknown>>)[name] : undefined
}

/** The text in a field of details; empty where there is none. */
export function textIn(details: unknown, name: string): string {
  const field = fieldOf(details, name)
  return typeof field === 'string' ? field : ''
}

/** Whether a field of details says yes. */
export function isIn(details: unknown, name: string): boolean {
  return fieldOf(details, name) === true
}

/** The list in a field of details; empty where there is none. */
export function listIn(details: unknown, name: string): readonly unknown[] {
  const field = fieldOf(details, name)
  return Array.isArray(field) ? field : []
}

/** The texts in a field of details. */
export function textsIn(details: unknown, name: string): string[] {
  return listIn(details, name).filter(one => typeof one === 'string')
}
