import * as v from 'valibot'
import { fieldsOf, type Field, type RecordKind } from '../fields.js'
import { timeShape } from './described.js'
import { faultShape } from './fault.js'
import { guestDiskShape, nicShape } from './guest-parts.js'

const guestToBe = { nics: v.array(v.strictObject({ bridge: v.string() })), disks: v.array(v.strictObject({ name: v.string(), sizeMiB: v.pipe(v.number(), v.integer()), file: v.string() })) }

/** What the table of fields leaves open: what is in a list, what plain data is. */
const inside: Readonly<Partial<Record<RecordKind, Readonly<Record<string, v.GenericSchema>>>>> = {
  vm: {
    nics: v.array(nicShape), disks: v.array(guestDiskShape),
    preferredServers: v.array(v.string()),
  },
  repo: { folders: v.array(v.string()) },
  template: guestToBe, image: guestToBe,
  disk: { attachedTo: v.array(v.string()) },
  job: { error: faultShape },
  event: { change: v.strictObject({ before: v.record(v.string(), v.unknown()), after: v.record(v.string(), v.unknown()) }) },
  user: { groups: v.array(v.string()), pools: v.array(v.string()) },
  group: { members: v.array(v.string()) },
}

/** The shape of a record as lists carry it, or whole, as `show` does. */
export function recordShape(kind: RecordKind, whole: boolean): v.GenericSchema {
  const fields = Object.entries(fieldsOf(kind)).filter(([, field]) => whole || !field.detail)
  return v.strictObject(Object.fromEntries(fields.map(([name, field]) => [name, fieldShape(kind, name, field)])))
}

function fieldShape(kind: RecordKind, name: string, field: Field): v.GenericSchema {
  const shape = inside[kind]?.[name] ?? plainShape(kind, name, field)
  return field.nullable ? v.nullable(shape) : shape
}

function plainShape(kind: RecordKind, name: string, field: Field): v.GenericSchema {
  switch (field.type) {
    case 'text': return field.values ? v.picklist(field.values) : v.string()
    case 'integer': return v.pipe(v.number(), v.integer())
    case 'number': return v.number()
    case 'boolean': return v.boolean()
    case 'time': return timeShape
    case 'tags': return v.record(v.string(), v.string())
    case 'list': return field.values ? v.array(v.picklist(field.values)) : unsaid(kind, name)
    case 'data': return unsaid(kind, name)
  }
}

function unsaid(kind: RecordKind, name: string): never {
  throw new Error(`records.ts does not say what is in ${kind}.${name}`)
}
