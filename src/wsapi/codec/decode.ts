import { unescapeWords } from '../xml/texts.js'
import type { XmlReader } from '../xml/reader.js'
import type { WireField, WireNode } from './node.js'

/** A document that is well-formed, and not of the schema: where, and what is wrong. */
export class SchemaFault extends Error {
  constructor(readonly where: string, readonly what: string) {
    super(`${where}: ${what}`)
    this.name = 'SchemaFault'
  }
}

/** How a document is read: its namespace, and what becomes of elements that the schema does not have: what a newer peer sends may have more. */
export interface Reading { reader: XmlReader; space: string; unknown: 'refuse' | 'skip' }

/** The fields inside the element that is open, and leaves it. Their order is not asked after; each may come once. @throws SchemaFault, XmlFault */
export function decodeFields({ reader, space, unknown }: Reading, fields: readonly WireField[], byName: ReadonlyMap<string, WireField>, where: string): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  const read = childrenOf({ reader, space, unknown }, byName, where, value)
  for (const { name, optional } of fields) if (!optional && !read.has(name)) throw new SchemaFault(where, `${name} is missing`)
  return value
}

function childrenOf(reading: Reading, byName: ReadonlyMap<string, WireField>, where: string, value: Record<string, unknown>): Set<string> {
  const { reader, space, unknown } = reading
  const read = new Set<string>()
  while (reader.enter()) {
    const field = reader.space === space ? byName.get(reader.name) : undefined
    if (!field) {
      if (unknown === 'refuse') throw new SchemaFault(where, `nothing here is called ${JSON.stringify(reader.name.slice(0, 80))} in ${JSON.stringify(reader.space.slice(0, 80))}`)
      reader.skip()
      continue
    }
    if (read.has(field.name)) throw new SchemaFault(where, `${field.name} comes twice`)
    read.add(field.name)
    value[field.name] = decode(reading, field.node, `${where}.${field.name}`)
  }
  reader.leave()
  return read
}

/** The value of the element that is open, and leaves it. @throws SchemaFault, XmlFault */
export function decode(reading: Reading, node: WireNode, where: string): unknown {
  const { reader } = reading
  if (node.kind === 'nullable') {
    if (!reader.nil) return decode(reading, node.of, where)
    // Nil has no content; whatever is there is not looked at.
    reader.skip()
    return null
  }
  if (reader.nil) throw new SchemaFault(where, 'is nil, and may not be')
  switch (node.kind) {
    case 'text': {
      const text = unescapeWords(reader.content())
      if (node.values && !node.values.includes(text)) throw new SchemaFault(where, `${JSON.stringify(text.slice(0, 80))} is none of its values`)
      return text
    }
    case 'number': return numberOf(reader.content(), node.whole, where)
    case 'boolean': return booleanOf(reader.content(), where)
    case 'data': return dataOf(unescapeWords(reader.content()), where)
    case 'array': return arrayOf(reading, node.item, where)
    case 'map': return mapOf(reading, node.value, where)
    case 'object': return decodeFields(reading, node.fields, node.byName, where)
    case 'choice': return choiceOf(reading, node, where)
  }
}

function arrayOf(reading: Reading, item: WireNode, where: string): unknown[] {
  const items: unknown[] = []
  for (let at = 0; inside(reading, 'item', where); at++) items.push(decode(reading, item, `${where}.${at}`))
  return items
}

const textNode: WireNode = { kind: 'text', values: null }

function mapOf(reading: Reading, value: WireNode, where: string): Record<string, unknown> {
  const fields: WireField[] = [{ name: 'key', node: textNode, optional: false }, { name: 'value', node: value, optional: false }]
  const byName = new Map(fields.map(field => [field.name, field]))
  const entries = new Map<string, unknown>()
  while (inside(reading, 'entry', where)) {
    const { key, value: one } = decodeFields(reading, fields, byName, `${where}.entry`) as { key: string; value: unknown }
    if (entries.has(key)) throw new SchemaFault(where, `${JSON.stringify(key.slice(0, 80))} comes twice`)
    entries.set(key, one)
  }
  return Object.fromEntries(entries)
}

/** Enters the next element of a list; false, and the list is left, where there is none. */
function inside({ reader, space, unknown }: Reading, name: string, where: string): boolean {
  while (reader.enter()) {
    if (reader.name === name && reader.space === space) return true
    if (unknown === 'refuse') throw new SchemaFault(where, `holds ${JSON.stringify(reader.name.slice(0, 80))}, and may hold only ${name}`)
    reader.skip()
  }
  reader.leave()
  return false
}

function choiceOf(reading: Reading, node: WireNode & { kind: 'choice' }, where: string): unknown {
  const value: Record<string, unknown> = {}
  const read = childrenOf(reading, node.byName, where, value)
  const option = node.options.find(one => one.node.fields.every(field => field.optional || read.has(field.name)) && [...read].every(name => one.node.byName.has(name)))
  if (!option) throw new SchemaFault(where, `is none of ${node.options.map(one => one.node.fields.map(({ name }) => name).join(' and ')).join(', ')}`)
  return option.bare ? value['text'] : value
}

const integer = /^[ \t\n]*([+-]?\d{1,400})[ \t\n]*$/
const double = /^[ \t\n]*([+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?)[ \t\n]*$/

function numberOf(text: string, whole: boolean, where: string): number {
  const plain = (whole ? integer : double).exec(text)
  if (plain) {
    const value = Number(plain[1])
    if (whole && !Number.isFinite(value)) throw new SchemaFault(where, 'too large a number')
    return value
  }
  const infinite = whole ? null : /^[ \t\n]*(-?)INF[ \t\n]*$/.exec(text)
  if (!infinite) throw new SchemaFault(where, `${JSON.stringify(text.slice(0, 80))} is no ${whole ? 'whole number' : 'number'}`)
  return infinite[1] === '-' ? -Infinity : Infinity
}

function booleanOf(text: string, where: string): boolean {
  const word = text.trim()
  if (word === 'true' || word === '1') return true
  if (word === 'false' || word === '0') return false
  throw new SchemaFault(where, `${JSON.stringify(text.slice(0, 80))} is neither true nor false`)
}

function dataOf(text: string, where: string): unknown {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    throw new SchemaFault(where, `${JSON.stringify(text.slice(0, 80))} is no JSON`)
  }
  if (isTooDeep(data)) throw new SchemaFault(where, `plain data deeper than ${deepestData}`)
  return data
}

/** How deep plain data may be: what goes on with it recurses. */
const deepestData = 64

/** Whether plain data is deeper than what is taken from others. */
export function isTooDeep(data: unknown): boolean {
  return deeper(data, deepestData)
}

function deeper(data: unknown, most: number): boolean {
  if (typeof data !== 'object' || data === null) return false
  return most === 0 || Object.values(data).some(one => deeper(one, most - 1))
}
