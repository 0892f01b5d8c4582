import type { GenericSchema } from 'valibot'

/** A JSON Schema, draft 2020-12, as plain data. */
export type JsonSchema = Record<string, unknown>

/** What is read of a valibot schema or action. */
interface Node {
  kind: string; type: string; pipe?: Node[]; entries?: Record<string, Node>; item?: Node; options?: unknown[]; wrapped?: Node; key?: Node; value?: Node; requirement?: unknown; description?: string
}

/** The JSON Schema of a valibot schema; refuses what it does not know rather than leave it out. */
export function jsonSchema(schema: GenericSchema): JsonSchema {
  return schemaOf(schema as unknown as Node)
}

function schemaOf(node: Node): JsonSchema {
  const [first, ...rest] = node.pipe ?? [node]
  // A schema within a pipe has a pipe of its own: what describes it comes with it.
  const base = node.pipe && first!.pipe ? schemaOf(first!) : plainSchema(first!)
  return Object.assign(base, ...rest.map(action => actionSchema(action)))
}

function plainSchema(node: Node): JsonSchema {
  switch (node.type) {
    case 'string':
    case 'number':
    case 'boolean': return { type: node.type }
    case 'unknown': return {}
    case 'picklist': return { enum: node.options }
    case 'array': return { type: 'array', items: schemaOf(node.item!) }
    case 'union': return { anyOf: (node.options as Node[]).map(schemaOf) }
    case 'exact_optional': return schemaOf(node.wrapped!)
    case 'nullable': return orNull(schemaOf(node.wrapped!))
    case 'record': return { type: 'object', ...(node.key!.type === 'picklist' ? { propertyNames: schemaOf(node.key!) } : {}), additionalProperties: schemaOf(node.value!) }
    case 'strict_object': return {
      type: 'object', properties: Object.fromEntries(Object.entries(node.entries!).map(([name, entry]) => [name, schemaOf(entry)])), required: Object.keys(node.entries!).filter(name => node.entries![name]!.type !== 'exact_optional'), additionalProperties: false,
    }
    default: throw new Error(`no JSON Schema is known for ${node.kind} ${node.type}`)
  }
}

function orNull(schema: JsonSchema): JsonSchema {
  const { type, enum: values, description, ...rest } = schema
  const told = description === undefined ? {} : { description }
  if (Array.isArray(values)) return { enum: [...(values as unknown[]), null], ...told }
  return typeof type === 'string' ? { type: [type, 'null'], ...rest, ...told } : { anyOf: [schema, { type: 'null' }] }
}

function actionSchema(action: Node): JsonSchema {
  switch (action.type) {
    case 'description': return { description: action.description }
    case 'integer': return { type: 'integer' }
    case 'min_value': return { minimum: action.requirement }
    case 'iso_timestamp': return { format: 'date-time' }
    default: throw new Error(`no JSON Schema is known for ${action.kind} ${action.type}`)
  }
}
