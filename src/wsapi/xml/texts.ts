/**
 * Texts in XML. XML 1.0 cannot hold most control characters, halves of surrogate pairs, U+FFFE and U+FFFF at all, not even as
 * references, and names and messages of a farm may hold any. They are written as `_xHHHH_`, the way of ECMA-376 (ST_Xstring) and
 * of .NET; an underscore that would begin such a word is written `_x005F_`. Every other text goes as it is.
 */

/** What cannot go as it is: what XML cannot hold, and what would be read as its escape. */
const unspeakable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]|_(?=x[0-9A-F]{4}_)/g
const markup = /[&<>\r]/
const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' }
const words = /_x([0-9A-F]{4})_/g

/** A text of characters that XML can hold. */
export function speakableText(text: string): string {
  return text.replace(unspeakable, character => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
}

/** A text as the content of an element. */
export function escapeText(text: string): string {
  const speakable = speakableText(text)
  return markup.test(speakable) ? speakable.replace(/[&<>\r]/g, character => marks[character]!) : speakable
}

/** The text of an element's content, after references were resolved. */
export function unescapeWords(text: string): string {
  return text.includes('_x') ? text.replace(words, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))) : text
}
