/** An element of a parsed document. */
export interface Element { name: string; attributes: Record<string, string>; children: Element[]; text: string }

const legal = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The root of an XML 1.0 document without DTD, comments and CDATA. @throws Error where it is not well-formed */
export function parseXml(document: string): Element {
  if (!legal.test(document)) throw new Error('a character that XML 1.0 does not have')
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
  if (!document.startsWith(declaration)) throw new Error('no declaration')
  const root: Element = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  let at = declaration.length
  while (at < document.length) {
    const top = open.at(-1)!
    if (document[at] !== '<') {
      const end = document.indexOf('<', at)
      top.text += decoded(document.slice(at, end < 0 ? document.length : end))
      at = end < 0 ? document.length : end
      continue
    }
    const tag = /<(?:\/([A-Za-z]+)|([A-Za-z]+)((?: [A-Za-z]+="[^"<]*")*)(\/?))>/y
    tag.lastIndex = at
    const match = tag.exec(document)
    if (!match) throw new Error(`no tag at ${document.slice(at, at + 80)}`)
    at = tag.lastIndex
    if (match[1] !== undefined) {
      if (open.length === 1 || open.pop()!.name !== match[1]) throw new Error(`</${match[1]}> closes nothing`)
      continue
    }
    const pairs = [...match[3]!.matchAll(/ ([A-Za-z]+)="([^"]*)"/g)].map(([, name, value]): [string, string] => [name!, decoded(value!.replace(/[\t\r\n]/g, ' '))])
    const element: Element = { name: match[2]!, attributes: Object.fromEntries(pairs), children: [], text: '' }
    if (Object.keys(element.attributes).length !== pairs.length) throw new Error('an attribute twice')
    top.children.push(element)
    if (match[4] === '') open.push(element)
  }
  if (open.length !== 1 || root.children.length !== 1 || root.text.trim() !== '') throw new Error('not one element')
  return root.children[0]!
}

function decoded(raw: string): string {
  if (raw.includes(']]>')) throw new Error(']]> in text')
  return raw.replace(/\r\n?/g, '\n').replace(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));|&/g, (_, decimal?: string, hex?: string, name?: string) => {
    const text = name === undefined ? (decimal ?? hex) === undefined ? undefined : String.fromCodePoint(parseInt((decimal ?? hex)!, decimal === undefined ? 16 : 10)) : named[name]
    if (text === undefined || !legal.test(text)) throw new Error(`a bare or unknown & in ${raw.slice(0, 80)}`)
    return text
  })
}
