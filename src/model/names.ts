import { Refusal } from './errors.js'

const nameRule = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/** Whether a text may be the name of a new object (cli.md, "Names"). */
export function isName(text: string): boolean {
  return nameRule.test(text)
}

/** The text itself when it may be a new name. @throws Refusal usage.name */
export function checkName(text: string, what: string): string {
  if (isName(text)) return text
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
  throw new Refusal('usage.name', `${shown} cannot be the name of a ${what}`, 'a name starts with a letter or digit and holds at most 63 of A-Z a-z 0-9 . _ -')
}

/** How many names a message lists, and how long each may be. */
const [mostNamed, longestNamed] = [10, 80]

/** Names in a message: the first ten, cut, and how many more there are. */
export function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).map(name => (name === '' ? '""' : name.length > longestNamed ? `${name.slice(0, longestNamed)}…` : name))
  return `${shown.join(', ')}${names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ''}`
}

/**
 * A key that sorts as people read names: digits by value, so `vm9` before `vm10`; equal values fall back to the text.
 * Every run of digits is written as `0`, its length as one character, and the digits without leading zeros.
 */
export function naturalKey(text: string): string {
  const key = text.replace(/\d+/g, run => {
    const digits = run.replace(/^0+(?=.)/, '')
    return `0${String.fromCharCode(48 + digits.length)}${digits}`
  })
  return `${key}\u0001${text}`
}
