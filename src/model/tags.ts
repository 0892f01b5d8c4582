const keyRule = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
/** The most characters of a tag's value. */
const longestValue = 255

/** Whether a text may be the key of a tag: the rule of names. */
export function isTagKey(text: string): boolean {
  return keyRule.test(text)
}

/** Whether a text may be the value of a tag; an empty one would look like none. */
export function isTagValue(text: string): boolean {
  return text !== '' && text.length <= longestValue && !/[\u0000-\u001f\u007f]/.test(text)
}

/** What a key and a value may be, in words. */
export const tagRules = {
  key: 'a key starts with a letter or digit and holds at most 63 of A-Z a-z 0-9 . _ -',
  value: `a value has 1 to ${longestValue} characters, none of them a control character`,
} as const

/** Tags in the order of their keys, as they are kept. */
export function inOrder(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)))
}
