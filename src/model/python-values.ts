/** A value of the subset of Python's syntax that vm.cfg is written in. */
export type PythonValue = string | number | boolean | null | PythonValue[] | { [key: string]: PythonValue }

/** Something wrong at a line, counted from 1. */
export interface LineFault {
  line: number
  message: string
}

/** A value and the line that it begins at; the parts of a list or dictionary have theirs. */
export interface PythonNode {
  line: number
  value: PythonValue
  /** the parts of a list, null for everything else */
  parts: PythonNode[] | null
}

/** What a text assigns: the values by name, and the names whose value could not be read. */
export interface Assignments {
  values: Map<string, PythonNode>
  unread: Set<string>
  faults: LineFault[]
  lines: number
}

/** How far lists and dictionaries may be inside each other. */
const deepest = 8

/** The longest text that a fault quotes. */
const longestQuote = 40

const words: Record<string, boolean | null> = { True: true, False: false, None: null }
const escapes: Record<string, string> = { '\\': '\\', "'": "'", '"': '"', n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v', '\n': '' }

class Fault extends Error {
  constructor(readonly line: number, message: string) {
    super(message)
  }
}

/**
 * Reads assignments, one a line: `NAME = VALUE` with texts, numbers, True, False, None, lists and dictionaries; comments; lines
 * go on inside brackets, and after a backslash. Of a name that is assigned twice the later value counts, as in Python. Nothing is
 * ever evaluated, and the time is linear in the text. After a fault reading goes on at the next line; where brackets were open, at
 * the next that begins like an assignment.
 */
export function readAssignments(text: string): Assignments {
  const reader = new Reader(text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'))
  const values = new Map<string, PythonNode>()
  const unread = new Set<string>()
  const faults: LineFault[] = []
  for (;;) {
    try {
      const assigned = reader.assignment()
      if (!assigned) return { values, unread, faults, lines: reader.line }
      // Set anew, so that the order is that of the values that count.
      values.delete(assigned.name)
      values.set(assigned.name, assigned.node)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      faults.push({ line: error.line, message: error.message })
      unread.add(reader.name)
      reader.goOn()
    }
  }
}

/** A value as Python would write it; an inverse of what `readAssignments` reads. */
export function pythonOf(value: PythonValue): string {
  if (typeof value === 'string') return `'${value.replace(/[\\'\x00-\x1f\x7f\u2028\u2029]/g, written)}'`
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  // Python's whole numbers have no end, and ours have: beyond, it is a number with an exponent.
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value)
  if (Array.isArray(value)) return `[${value.map(pythonOf).join(', ')}]`
  return `{${Object.entries(value).map(([key, part]) => `${pythonOf(key)}: ${pythonOf(part)}`).join(', ')}}`
}

function written(character: string): string {
  if (character === '\\' || character === "'") return `\\${character}`
  if (character === '\n') return '\\n'
  const code = character.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : character
}

class Reader {
  private at = 0
  line = 1
  /** of the assignment that is being read; empty before it is known */
  name = ''
  /** where the assignment that is being read begins */
  private begun = 0
  /** how many brackets are open */
  private open = 0
  /** what is being read may hold a password, which no message may say */
  private secret = false

  constructor(private readonly text: string) {}

  /** The next assignment; null at the end. */
  assignment(): { name: string; node: PythonNode } | null {
    this.skip(true)
    if (this.at >= this.text.length) return null
    this.begun = this.at
    this.secret = false
    this.open = 0
    this.name = ''
    if (this.at > 0 && this.text[this.at - 1] !== '\n') this.fail('an assignment begins at the start of a line')
    const name = this.match(/[A-Za-z_]\w*/y)
    if (name === null) return this.fail(`${this.next()} is no assignment: write NAME = VALUE`)
    this.name = name
    this.secret = /passw|^vfb$/i.test(name)
    this.skip(false)
    if (!this.take('=')) this.fail(`${name.slice(0, longestQuote)} is followed by ${this.next()}, not by =`)
    this.skip(false)
    const node = this.value()
    this.skip(false)
    if (this.at < this.text.length && this.text[this.at] !== '\n') this.fail(`after the value of ${name.slice(0, longestQuote)} comes ${this.next()}, not the end of the line`)
    return { name, node }
  }

  /** Goes to where reading may go on after a fault. */
  goOn(): void {
    const begin = /[A-Za-z_]\w*[ \t]*=/y
    const { text } = this
    let start = text.lastIndexOf('\n', this.at - 1) + 1
    // A list that lacks its end has run into this line.
    if (this.open > 0 && start > this.begun && begins()) {
      this.at = start
      return
    }
    do {
      const end = text.indexOf('\n', this.at)
      this.at = start = end < 0 ? text.length : end + 1
      if (end >= 0) this.line++
    } while (this.open > 0 && start < text.length && !begins())

    function begins(): boolean {
      begin.lastIndex = start
      return begin.test(text)
    }
  }

  private value(): PythonNode {
    const line = this.line
    const first = this.text[this.at]
    if (first === "'" || first === '"') return { line, value: this.string(), parts: null }
    if (/[uU]['"]/y.test(this.text.slice(this.at, this.at + 2))) {
      this.at++
      return { line, value: this.string(), parts: null }
    }
    if (first === '[' || first === '{') {
      if (this.open === deepest) this.fail(`more than ${deepest} lists and dictionaries inside each other`)
      this.at++
      this.open++
      const node = first === '[' ? this.list(line) : this.dictionary(line)
      this.open--
      return node
    }
    const word = this.match(/[-+]?(?:\d[\d.]*[eE][-+]?\d+|[\w.]+)/y)
    if (word === null) return this.fail(first === undefined || first === '\n' ? 'there is no value' : `${this.next()} is no value`)
    return { line, value: Object.hasOwn(words, word) ? words[word]! : this.number(word), parts: null }
  }

  private number(word: string): number {
    const value = /^[-+]?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][-+]?\d+)?$/.test(word) ? Number(word) : /^0[xX][0-9a-fA-F]+$/.test(word) ? Number(word) : NaN
    const whole = !/[.eE]/.test(word) || /^0[xX]/.test(word)
    if (Number.isNaN(value)) return this.fail(`${this.quoted(word)} is no value: texts stand in quotes`)
    if (!Number.isFinite(value) || (whole && !Number.isSafeInteger(value))) this.fail(`${this.quoted(word)} is too big a number`)
    return value
  }

  private list(line: number): PythonNode {
    const parts: PythonNode[] = []
    for (;;) {
      this.skip(true)
      if (this.take(']')) return { line, value: parts.map(({ value }) => value), parts }
      parts.push(this.value())
      this.skip(true)
      if (!this.take(',') && this.text[this.at] !== ']') this.fail(this.at < this.text.length ? `in the list comes ${this.next()}, not , or ]` : `the list of line ${line} has no end`)
    }
  }

  private dictionary(line: number): PythonNode {
    const entries: [string, PythonValue][] = []
    for (;;) {
      this.skip(true)
      // Its own properties, whatever their names.
      if (this.take('}')) return { line, value: Object.fromEntries(entries), parts: null }
      const key = this.value().value
      if (typeof key !== 'string') return this.fail('a key of a dictionary is no text')
      this.skip(true)
      if (!this.take(':')) this.fail(`after the key of a dictionary comes ${this.next()}, not :`)
      this.skip(true)
      entries.push([key, this.value().value])
      this.skip(true)
      if (!this.take(',') && this.text[this.at] !== '}') this.fail(this.at < this.text.length ? `in the dictionary comes ${this.next()}, not , or }` : `the dictionary of line ${line} has no end`)
    }
  }

  private string(): string {
    const quote = this.text[this.at++]!
    const line = this.line
    const plain = quote === "'" ? /[^'\\\n]+/y : /[^"\\\n]+/y
    let value = ''
    for (;;) {
      value += this.match(plain) ?? ''
      const next = this.text[this.at]
      if (next === quote) {
        this.at++
        if (value === '' && this.text[this.at] === quote) this.fail('triple quotes are not read: write the text on one line')
        return value
      }
      if (next !== '\\') throw new Fault(line, 'the text has no end on its line')
      value += this.escape()
    }
  }

  private escape(): string {
    const coded = this.match(/\\(?:x[0-9a-fA-F]{2}|[0-7]{1,3})/y)
    if (coded !== null) return String.fromCharCode(coded[1] === 'x' ? parseInt(coded.slice(2), 16) : parseInt(coded.slice(1), 8))
    const character = this.text[this.at + 1]
    if (character === undefined) return this.fail('the text has no end')
    this.at += 2
    if (character === '\n') this.line++
    return Object.hasOwn(escapes, character) ? escapes[character]! : `\\${character}`
  }

  /** Goes over spaces, comments and continued lines; over line ends as well where they mean nothing. */
  private skip(lineEnds: boolean): void {
    for (;;) {
      this.match(/[ \t\f]+|#[^\n]*/y)
      const next = this.text[this.at]
      if (next === '\n' && lineEnds) this.at++
      else if (next === '\\' && this.text[this.at + 1] === '\n') this.at += 2
      else if (next === ' ' || next === '\t' || next === '\f' || next === '#') continue
      else return
      this.line++
    }
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false
    this.at++
    return true
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (!found) return null
    this.at += found[0].length
    return found[0]
  }

  /** What comes next, as a message says it. */
  private next(): string {
    const rest = this.text.slice(this.at, this.at + longestQuote)
    return rest === '' || rest.startsWith('\n') ? 'the end of the line' : this.quoted(/^(?:\w+|[^\n])/.exec(rest)![0])
  }

  private quoted(text: string): string {
    return this.secret ? 'what stands there' : JSON.stringify(text.slice(0, longestQuote))
  }

  private fail(message: string): never {
    throw new Fault(this.line, message)
  }
}
