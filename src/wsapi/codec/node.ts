import type * as v from 'valibot'

/** A field of an object on the wire. */
export interface WireField { name: string; node: WireNode; optional: boolean }

/**
 * What a schema of the contract is on the wire. `data` is plain data of no fixed shape, as JSON text; `map` a list of entries with
 * a key and a value; `choice` one of several objects, told apart by the first element (`text` alone where one of them is a text).
 */
export type WireNode =
  | { kind: 'text'; values: readonly string[] | null }
  | { kind: 'number'; whole: boolean }
  | { kind: 'boolean' }
  | { kind: 'data' }
  | { kind: 'nullable'; of: WireNode }
  | { kind: 'array'; item: WireNode }
  | { kind: 'map'; value: WireNode }
  | { kind: 'object'; fields: WireField[]; byName: ReadonlyMap<string, WireField> }
  | { kind: 'choice'; options: { node: WireNode & { kind: 'object' }; bare: boolean }[]; byName: ReadonlyMap<string, WireField> }

/** A schema as valibot builds it, as far as it is walked. */
interface Walked { type: string; pipe?: readonly Walked[]; entries?: Record<string, Walked>; wrapped?: Walked; item?: Walked; options?: readonly (Walked | string)[]; key?: Walked; value?: Walked; literal?: unknown }

/** What the wire makes of a schema. Asked for one it cannot carry it fails at once: that is a defect of the contract, and a test walks all of it. */
export function wireNode(schema: v.GenericSchema): WireNode {
  return nodeOf(schema as unknown as Walked)
}

/** Nodes of schemas that were walked already: a schema that stands in several places is one type. */
const known = new WeakMap<Walked, WireNode>()

function nodeOf(schema: Walked): WireNode {
  let node = known.get(schema)
  if (!node) known.set(schema, (node = walk(schema)))
  return node
}

function walk(schema: Walked): WireNode {
  switch (schema.type) {
    case 'string': return { kind: 'text', values: null }
    case 'picklist': return picklist(schema)
    case 'literal': return typeof schema.literal === 'boolean' ? { kind: 'boolean' } : { kind: 'text', values: [String(schema.literal)] }
    case 'number': return { kind: 'number', whole: isWhole(schema) }
    case 'boolean': return { kind: 'boolean' }
    case 'unknown': return { kind: 'data' }
    case 'nullable': return { kind: 'nullable', of: nodeOf(schema.wrapped!) }
    case 'array': return { kind: 'array', item: nodeOf(schema.item!) }
    case 'record': return map(nodeOf(schema.value!))
    // The only custom schemas of the contract are texts by name, which v.record would cut.
    case 'custom': return map({ kind: 'text', values: null })
    case 'strict_object': return object(schema)
    case 'union': return choice(schema)
    default: throw new Error(`the wire does not know what ${schema.type} is`)
  }
}

/** Whether a number has to be whole; a pipe may begin with another. */
function isWhole(schema: Walked): boolean {
  return schema.pipe?.some(step => step.type === 'integer' || (step !== schema && step.pipe !== undefined && isWhole(step))) ?? false
}

function picklist(schema: Walked): WireNode {
  const values = schema.options as readonly unknown[]
  if (values.every(value => typeof value === 'number')) return { kind: 'number', whole: true }
  return { kind: 'text', values: values as readonly string[] }
}

function map(value: WireNode): WireNode {
  return value.kind === 'data' ? value : { kind: 'map', value }
}

function object(schema: Walked): WireNode & { kind: 'object' } {
  const fields = Object.entries(schema.entries!).map(([name, entry]): WireField => {
    const optional = entry.type === 'exact_optional' || entry.type === 'optional'
    return { name, node: nodeOf(optional ? entry.wrapped! : entry), optional }
  })
  return { kind: 'object', fields, byName: new Map(fields.map(field => [field.name, field])) }
}

function choice(schema: Walked): WireNode {
  const options = (schema.options as readonly Walked[]).map(option => {
    if (option.type === 'strict_object') return { node: object(option), bare: false }
    const field: WireField = { name: 'text', node: nodeOf(option), optional: false }
    return { node: { kind: 'object' as const, fields: [field], byName: new Map([[field.name, field]]) }, bare: true }
  })
  const firsts = options.map(({ node }) => node.fields[0]!)
  if (new Set(firsts.map(({ name }) => name)).size < firsts.length || firsts.some(({ optional }) => optional)) throw new Error('a choice on the wire is told by its first element, so each has to have another, and always')
  return { kind: 'choice', options, byName: new Map(options.flatMap(({ node }) => node.fields.map(field => [field.name, field]))) }
}
