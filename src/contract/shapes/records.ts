import * as v from 'valibot'
import { jobStates, poolStates, resourceStates, runStates, serverRoles, serverStates, severities } from '../../model/object-states.js'
import { vmStates } from '../../model/vm-states.js'
import { fieldsOf, type Field, type RecordKind } from '../fields.js'
import { timeShape } from './described.js'
import { faultShape } from './fault.js'

const resource = { state: v.picklist(resourceStates) }

/** What the table of fields leaves open: which values a state can have, what is in a list, what plain data is. */
const inside: Readonly<Record<RecordKind, Readonly<Record<string, v.GenericSchema>>>> = {
  vm: {
    state: v.picklist(vmStates),
    type: v.picklist(['pv', 'hvm']),
    visibility: v.picklist(['private', 'shared', 'public']),
    nics: v.array(v.strictObject({ name: v.string(), bridge: v.string(), mac: v.string() })),
    disks: v.array(v.strictObject({ name: v.string(), kind: v.string(), sizeMiB: v.pipe(v.number(), v.integer()), file: v.string() })),
    preferredServers: v.array(v.string()),
  },
  server: { state: v.picklist(serverStates), roles: v.array(v.picklist(serverRoles)) },
  pool: { state: v.picklist(poolStates), storage: v.picklist(['local', 'shared']) },
  template: resource,
  iso: resource,
  repo: { state: v.picklist(['active', 'offline']) },
  job: { state: v.picklist(jobStates), error: faultShape },
  event: { severity: v.picklist(severities) },
  run: { state: v.picklist(runStates) },
}

/** The shape of a record as lists carry it, or whole, as `show` does. */
export function recordShape(kind: RecordKind, whole: boolean): v.GenericSchema {
  const fields = Object.entries(fieldsOf(kind)).filter(([, field]) => whole || !field.detail)
  return v.strictObject(Object.fromEntries(fields.map(([name, field]) => [name, fieldShape(kind, name, field)])))
}

function fieldShape(kind: RecordKind, name: string, field: Field): v.GenericSchema {
  const shape = inside[kind][name] ?? plainShape(kind, name, field)
  return field.nullable ? v.nullable(shape) : shape
}

function plainShape(kind: RecordKind, name: string, field: Field): v.GenericSchema {
  if (field.state) throw new Error(`records.ts does not say which states ${kind}.${name} can have`)
  switch (field.type) {
    case 'text': return v.string()
    case 'integer': return v.pipe(v.number(), v.integer())
    case 'number': return v.number()
    case 'boolean': return v.boolean()
    case 'time': return timeShape
    case 'tags': return v.record(v.string(), v.string())
    case 'list':
    case 'data': throw new Error(`records.ts does not say what is in ${kind}.${name}`)
  }
}
