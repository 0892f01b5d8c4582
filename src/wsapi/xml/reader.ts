/** What is wrong with a document: not well-formed, or past a bound. It says where, and never what of us was running. */
export class XmlFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'XmlFault'
  }
}

/** Bounds on a document. */
export interface XmlBounds { depth: number; elements: number; attributes: number }

/** Bounds on what somebody sends us. A request of the contract is 9 deep; its most elements are two for each of 400,000 targets. */
export const requestBounds: XmlBounds = { depth: 32, elements: 1_000_000, attributes: 32 }

/** Bounds on an answer: a report of 100,000 guests has sixteen elements for each. */
export const answerBounds: XmlBounds = { depth: 32, elements: 4_000_000, attributes: 32 }

const xsi = 'http://www.w3.org/2001/XMLSchema-instance'
const forbidden = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/
const tag = /([A-Za-z_\u0080-\uFFFF][-A-Za-z0-9_.\u0080-\uFFFF]*)(?::([A-Za-z_\u0080-\uFFFF][-A-Za-z0-9_.\u0080-\uFFFF]*))?/y
const attribute = /[ \t\n]+([A-Za-z_\u0080-\uFFFF][-A-Za-z0-9_.\u0080-\uFFFF]*)(?::([A-Za-z_\u0080-\uFFFF][-A-Za-z0-9_.\u0080-\uFFFF]*))?[ \t\n]*=[ \t\n]*(?:"([^"<]*)"|'([^'<]*)')/y
const tagEnd = /[ \t\n]*(\/?)>/y
const reference = /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));|&/g
const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const blank = /[ \t\n]*/y

interface Open { raw: string; spaces: number }

/**
 * Reads a document element by element, as whoever knows its schema asks for them: no tree is built, so that memory is bounded by
 * the text. Refuses DTDs and with them every entity of somebody's own, processing instructions, and what is not well-formed.
 */
export class XmlReader {
  /** of the element entered last */
  name = ''
  space = ''
  /** whether it says xsi:nil */
  nil = false
  /** whether it says mustUnderstand in some namespace */
  mustUnderstand = false
  private at = 0
  private readonly opened: Open[] = []
  /** prefixes and namespaces, in pairs, the innermost last */
  private readonly spaces: string[] = ['xml', 'http://www.w3.org/XML/1998/namespace', '', '']
  private elements = 0
  /** the element entered last has no content and no end tag */
  private hollow = false
  private readonly text: string

  constructor(text: string, private readonly bounds: XmlBounds) {
    const bad = forbidden.exec(text)
    if (bad) throw this.fault(`a character that XML cannot hold (U+${bad[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')})`, bad.index)
    this.text = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
    if (this.text.startsWith('\uFEFF')) this.at = 1
    this.declaration()
  }

  /** Enters the next element inside the one that is open; false where there is none left, and its end comes next. */
  enter(): boolean {
    if (this.hollow) return false
    this.passBlank()
    if (this.at >= this.text.length) {
      if (this.opened.length > 0) throw this.fault('the document ends in the middle of an element')
      return false
    }
    if (this.text.charCodeAt(this.at) !== 60) throw this.fault(this.opened.length > 0 ? 'text where elements belong' : 'text outside the document')
    if (this.text.charCodeAt(this.at + 1) === 47) {
      if (this.opened.length === 0) throw this.fault('an end tag of nothing')
      return false
    }
    if (this.opened.length === 0 && this.elements > 0) throw this.fault('a second document')
    this.begin()
    return true
  }

  /** Whether the element entered last is that one. */
  is(name: string, space: string): boolean {
    return this.name === name && this.space === space
  }

  /** Leaves the open element, of which all has been read. */
  leave(): void {
    if (this.hollow) {
      this.hollow = false
      this.close()
      return
    }
    this.passBlank()
    const open = this.opened[this.opened.length - 1]!
    if (!this.text.startsWith(`</${open.raw}`, this.at)) throw this.fault(this.at >= this.text.length ? 'the document ends in the middle of an element' : `something else than the end of ${brief(open.raw)}`)
    this.endTag(open)
  }

  /** The text inside the open element, and leaves it. */
  content(): string {
    if (this.hollow) {
      this.leave()
      return ''
    }
    let parts = ''
    for (;;) {
      const next = this.text.indexOf('<', this.at)
      if (next < 0) throw this.fault('the document ends in the middle of a text')
      if (next > this.at) parts += this.resolved(this.text.slice(this.at, next))
      this.at = next
      if (this.text.charCodeAt(next + 1) === 47) break
      if (this.text.startsWith('<![CDATA[', next)) {
        const end = this.text.indexOf(']]>', next + 9)
        if (end < 0) throw this.fault('a CDATA section without an end')
        parts += this.text.slice(next + 9, end)
        this.at = end + 3
      } else if (!this.passComment()) throw this.fault('an element where text belongs')
    }
    const open = this.opened[this.opened.length - 1]!
    if (!this.text.startsWith(`</${open.raw}`, this.at)) throw this.fault(`something else than the end of ${brief(open.raw)}`)
    this.endTag(open)
    return parts
  }

  /** Passes over all that is in the open element, whatever it is, and leaves it. */
  skip(): void {
    const depth = this.opened.length
    while (this.opened.length >= depth) {
      if (this.hollow) {
        this.leave()
        continue
      }
      const next = this.text.indexOf('<', this.at)
      if (next < 0) throw this.fault('the document ends in the middle of an element')
      if (next > this.at) this.resolved(this.text.slice(this.at, next))
      this.at = next
      if (this.text.charCodeAt(next + 1) === 47) this.leave()
      else if (this.text.startsWith('<![CDATA[', next)) {
        const end = this.text.indexOf(']]>', next + 9)
        if (end < 0) throw this.fault('a CDATA section without an end')
        this.at = end + 3
      } else if (!this.passComment()) this.begin()
    }
  }

  /** Nothing but blanks and comments may come after the document. */
  finish(): void {
    this.passBlank()
    if (this.at < this.text.length) throw this.fault('something after the end of the document')
  }

  private declaration(): void {
    if (!this.text.startsWith('<?xml', this.at)) return
    const end = this.text.indexOf('?>', this.at)
    const said = end < 0 ? null : /^<\?xml\s+version\s*=\s*(?:"1\.0"|'1\.0')(?:\s+encoding\s*=\s*(?:"([\w.-]+)"|'([\w.-]+)'))?(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*$/.exec(this.text.slice(this.at, end))
    if (!said) throw this.fault('a malformed XML declaration')
    const encoding = said[1] ?? said[2]
    if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding)) throw this.fault('another encoding than UTF-8')
    this.at = end + 2
  }

  private begin(): void {
    if (this.text.charCodeAt(this.at + 1) === 33) throw this.fault('a document type, or another declaration')
    if (this.text.charCodeAt(this.at + 1) === 63) throw this.fault('a processing instruction')
    if (++this.elements > this.bounds.elements) throw this.fault(`more than ${this.bounds.elements} elements`)
    if (this.opened.length >= this.bounds.depth) throw this.fault(`deeper than ${this.bounds.depth} elements`)
    tag.lastIndex = this.at + 1
    const match = tag.exec(this.text)
    if (!match) throw this.fault('a malformed tag')
    const from = this.at + 1
    this.at = tag.lastIndex
    this.opened.push({ raw: this.text.slice(from, this.at), spaces: this.spaces.length })
    this.nil = false
    this.mustUnderstand = false
    const next = this.text.charCodeAt(this.at)
    if (next === 62) {
      this.at++
      this.hollow = false
    } else this.attributes()
    this.name = match[2] ?? match[1]!
    this.space = this.spaceOf(match[2] === undefined ? '' : match[1]!)
  }

  private attributes(): void {
    let found: { prefix: string; name: string; value: string }[] | null = null
    for (;;) {
      attribute.lastIndex = this.at
      const match = attribute.exec(this.text)
      if (!match) break
      this.at = attribute.lastIndex
      found ??= []
      if (found.length >= this.bounds.attributes) throw this.fault(`more than ${this.bounds.attributes} attributes of an element`)
      const [, first, second] = match
      const one = { prefix: second === undefined ? '' : first!, name: second ?? first!, value: this.resolved(match[3] ?? match[4]!) }
      if (found.some(other => other.prefix === one.prefix && other.name === one.name)) throw this.fault('the same attribute twice')
      found.push(one)
      if (one.prefix === 'xmlns') {
        if (one.value === '' || one.name === 'xmlns' || one.name === 'xml') throw this.fault('a malformed namespace')
        this.spaces.push(one.name, one.value)
      } else if (one.prefix === '' && one.name === 'xmlns') this.spaces.push('', one.value)
    }
    tagEnd.lastIndex = this.at
    const end = tagEnd.exec(this.text)
    if (!end) throw this.fault('a malformed tag')
    this.at = tagEnd.lastIndex
    this.hollow = end[1] === '/'
    for (const { prefix, name, value } of found ?? []) {
      if (prefix === '' || prefix === 'xmlns') continue
      const space = this.spaceOf(prefix)
      if (space === xsi && name === 'nil') this.nil = /^\s*(?:true|1)\s*$/.test(value)
      if (name === 'mustUnderstand') this.mustUnderstand = /^\s*(?:true|1)\s*$/.test(value)
    }
  }

  private endTag(open: Open): void {
    this.at += open.raw.length + 2
    tagEnd.lastIndex = this.at
    const end = tagEnd.exec(this.text)
    if (!end || end[1] === '/') throw this.fault(`something else than the end of ${brief(open.raw)}`)
    this.at = tagEnd.lastIndex
    this.close()
  }

  private close(): void {
    this.spaces.length = this.opened.pop()!.spaces
  }

  private spaceOf(prefix: string): string {
    const { spaces } = this
    for (let at = spaces.length - 2; at >= 0; at -= 2) if (spaces[at] === prefix) return spaces[at + 1]!
    throw this.fault(`the prefix ${brief(prefix)} means nothing`)
  }

  private passBlank(): void {
    do {
      blank.lastIndex = this.at
      blank.exec(this.text)
      this.at = blank.lastIndex
    } while (this.text.charCodeAt(this.at) === 60 && this.passComment())
  }

  private passComment(): boolean {
    if (!this.text.startsWith('<!--', this.at)) return false
    const end = this.text.indexOf('--', this.at + 4)
    if (end < 0 || this.text.charCodeAt(end + 2) !== 62) throw this.fault('a malformed comment')
    this.at = end + 3
    return true
  }

  /** A text with its references resolved: the five of XML, and characters by number. */
  private resolved(text: string): string {
    if (text.includes(']]>')) throw this.fault(']]> in a text')
    if (!text.includes('&')) return text
    return text.replace(reference, (whole: string, name?: string, decimal?: string, hex?: string) => {
      if (name !== undefined) return named[name]!
      const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? parseInt(hex, 16) : -1
      if (code < 0) throw this.fault('an entity that is not one of the five of XML')
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff || (code < 32 && code !== 9 && code !== 10 && code !== 13)) throw this.fault(`a reference to a character that XML cannot hold (${brief(whole)})`)
      return String.fromCodePoint(code)
    })
  }

  private fault(what: string, at = this.at): XmlFault {
    return new XmlFault(`${what}, at character ${at + 1}`)
  }
}

function brief(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
