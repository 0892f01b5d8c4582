import { visible } from './streams.js'

/** What stands for itself in no text or attribute of XML, and what XML 1.0 has no place for at all: control characters, halves of characters, U+FFFE and U+FFFF. */
const special = /[&<>"'\u0000-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' }

/** A text as the content of an element or attribute of XML 1.0; characters that XML cannot hold are made visible, as in `\x1b`. */
export function xmlText(text: string): string {
  return text.replace(special, char => entities[char] ?? visible(char))
}
