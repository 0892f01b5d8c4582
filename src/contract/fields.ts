import { roles } from '../model/permissions.js'
import { jobStates, poolStates, repoStates, resourceStates, runStates, serverRoles, serverStates, severities, storageKinds, userStates, visibilities, vmTypes, agentStates } from '../model/object-states.js'
import { qosClasses, repositoryKinds } from '../model/repositories.js'
import { vmStates } from '../model/vm-states.js'

/** What a field holds. `time` is RFC 3339 UTC text, `tags` an object of texts, `data` any plain data. */
export type FieldType = 'text' | 'integer' | 'number' | 'boolean' | 'time' | 'list' | 'tags' | 'data'

/** One field of a record: its type, its unit, and where it is shown when nobody chose columns. */
export interface Field {
  readonly type: FieldType
  readonly nullable?: boolean
  readonly unit?: 'MiB'
  /** column of the table: `short` always, `wide` with -o wide, `none` only when asked for */
  readonly column: 'short' | 'wide' | 'none'
  /** only `show` carries it */
  readonly detail?: boolean
  /** every value it, or an element of it, can take; of another nobody can ask */
  readonly values?: readonly string[]
  /** its values are states, shown as title-case words */
  readonly state?: boolean
}

const short = { column: 'short' } as const
const wide = { column: 'wide' } as const
const none = { column: 'none' } as const
const text = { type: 'text' } as const
const maybeText = { type: 'text', nullable: true } as const
const integer = { type: 'integer' } as const
const mib = { type: 'integer', unit: 'MiB' } as const
const flag = { type: 'boolean' } as const
const list = { type: 'list' } as const
const time = { type: 'time', nullable: true } as const
const stateOf = <const V extends readonly string[]>(values: V) => ({ type: 'text', state: true, values }) as const

/**
 * The fields of every record, in the order of the contract (cli.md, "Fields"): the one list from which columns, filters,
 * sorting, output and docs derive. `satisfies` keeps each row a Field.
 */
export const recordFields = {
  vm: {
    id: { ...text, ...wide }, name: { ...text, ...short }, pool: { ...text, ...short }, server: { ...maybeText, ...short },
    state: { ...stateOf(vmStates), ...short }, type: { ...text, values: vmTypes, ...wide }, os: { ...maybeText, ...wide }, vcpus: { ...integer, ...short },
    memoryMiB: { ...mib, ...short }, diskMiB: { ...mib, ...short }, ha: { ...flag, ...wide }, haPriority: { ...integer, ...none },
    owner: { ...text, ...wide }, group: { ...maybeText, ...none }, visibility: { ...text, values: visibilities, ...none }, template: { ...maybeText, ...none },
    repository: { ...maybeText, ...none }, domainId: { type: 'integer', nullable: true, ...wide }, vncPort: { type: 'integer', nullable: true, ...wide },
    tags: { type: 'tags', ...none }, createdAt: { ...time, ...none }, startedAt: { ...time, ...wide },
    nics: { ...list, ...none, detail: true }, disks: { ...list, ...none, detail: true }, cdrom: { ...maybeText, ...none, detail: true },
    bootDevice: { ...text, ...none, detail: true }, preferredServers: { ...list, ...none, detail: true },
    cpuPriority: { type: 'integer', nullable: true, ...none, detail: true }, cpuCap: { type: 'integer', nullable: true, ...none, detail: true },
    keyboard: { ...maybeText, ...none, detail: true }, description: { ...maybeText, ...none, detail: true },
  },
  server: {
    id: { ...text, ...wide }, name: { ...text, ...short }, pool: { ...text, ...short }, address: { ...text, ...wide }, state: { ...stateOf(serverStates), ...short },
    roles: { ...list, values: serverRoles, ...short }, cpuModel: { ...text, ...none }, cpuFamily: { ...text, ...none }, cores: { ...integer, ...short },
    memoryMiB: { ...mib, ...short }, memoryFreeMiB: { ...mib, ...short }, vcpusUsed: { ...integer, ...short }, vmCount: { ...integer, ...short },
    hvm: { ...flag, ...wide }, agentVersion: { ...text, ...wide }, agentState: { ...text, values: agentStates, ...wide }, release: { ...text, ...wide }, maintenance: { ...flag, ...none },
  },
  pool: {
    id: { ...text, ...wide }, name: { ...text, ...short }, state: { ...stateOf(poolStates), ...short }, master: { ...maybeText, ...short }, virtualIp: { ...maybeText, ...wide },
    ha: { ...flag, ...short }, storage: { ...text, values: storageKinds, ...short }, serverCount: { ...integer, ...short }, vmCount: { ...integer, ...short },
    runningVmCount: { ...integer, ...short }, memoryMiB: { ...mib, ...wide }, memoryFreeMiB: { ...mib, ...short },
  },
  template: { ...resource(), ...guestToBe(), ...origin() }, image: { ...resource(), ...guestToBe(), ...origin() }, iso: { ...resource(), ...origin() },
  disk: { id: { ...text, ...wide }, name: { ...text, ...short }, pool: { ...text, ...short }, sizeMiB: { ...mib, ...short }, repository: { ...maybeText, ...wide }, attachedTo: { ...list, ...short } },
  repo: {
    id: { ...text, ...short }, pool: { ...text, ...short }, kind: { ...text, values: repositoryKinds, ...short }, device: { ...text, ...short }, uuid: { ...text, ...wide }, root: { ...flag, ...short },
    qos: { ...maybeText, values: qosClasses, ...wide }, sizeMiB: { ...mib, ...short }, freeMiB: { ...mib, ...short }, mountPoint: { ...text, ...wide }, state: { ...stateOf(repoStates), ...short },
    folders: { ...list, ...none, detail: true }, lockDevice: { ...maybeText, ...none, detail: true },
  },
  job: {
    id: { ...text, ...short }, run: { ...text, ...short }, operation: { ...text, ...short }, kind: { ...text, ...wide }, subject: { ...text, ...short }, user: { ...text, ...wide },
    state: { ...stateOf(jobStates), ...short }, step: { ...text, ...wide }, progress: { type: 'integer', ...short }, createdAt: { ...time, ...wide }, startedAt: { ...time, ...short },
    endedAt: { ...time, ...short }, reason: { ...maybeText, ...none }, error: { type: 'data', nullable: true, ...none },
  },
  event: {
    id: { ...text, ...none }, at: { type: 'time', ...short }, severity: { ...text, values: severities, ...short }, kind: { ...text, ...short }, subject: { ...maybeText, ...short },
    user: { ...maybeText, ...short }, run: { ...maybeText, ...wide }, message: { ...text, ...short }, reason: { ...maybeText, ...none }, change: { type: 'data', nullable: true, ...none, detail: true },
  },
  run: {
    id: { ...text, ...short }, operation: { ...text, ...short }, state: { ...stateOf(runStates), ...short }, user: { ...text, ...short }, total: { ...integer, ...short }, done: { ...integer, ...short },
    failed: { ...integer, ...short }, startedAt: { ...time, ...short }, endedAt: { ...time, ...short }, reason: { ...maybeText, ...wide },
  },
  user: {
    name: { ...text, ...short }, role: { ...text, values: roles, ...short }, state: { ...stateOf(userStates), ...short }, email: { ...maybeText, ...wide },
    groups: { ...list, ...short }, pools: { ...list, ...short },
  },
  group: { name: { ...text, ...short }, description: { ...maybeText, ...short }, members: { ...list, ...short } },
} as const satisfies Record<string, Record<string, Field>>

function resource() {
  return {
    id: { ...text, ...wide }, name: { ...text, ...short }, pool: { ...text, ...short }, state: { ...stateOf(resourceStates), ...short }, type: { ...maybeText, ...short },
    os: { ...maybeText, ...short }, sizeMiB: { ...mib, ...short }, repository: { ...maybeText, ...wide },
  } as const satisfies Record<string, Field>
}

/** What a template or image says of the guests that it will be. */
function guestToBe() {
  return {
    vcpus: { type: 'integer', nullable: true, ...none, detail: true }, memoryMiB: { ...mib, nullable: true, ...none, detail: true }, nics: { ...list, ...none, detail: true }, disks: { ...list, ...none, detail: true },
  } as const satisfies Record<string, Field>
}

/** Where what was imported came from, and why it did not. */
function origin() {
  return { source: { ...maybeText, ...none, detail: true }, checksum: { ...maybeText, ...none, detail: true }, reason: { ...maybeText, ...none, detail: true } } as const satisfies Record<string, Field>
}

/** A kind of record that can be listed and shown. */
export type RecordKind = keyof typeof recordFields

export const recordKinds = Object.keys(recordFields) as RecordKind[]

/** Without a prototype: whatever name somebody writes, only a field is found by it. */
const fieldsByKind = Object.fromEntries(recordKinds.map(kind => [kind, Object.assign(Object.create(null) as Record<string, Field>, recordFields[kind])]))

/** The fields of a kind, by name, in contract order. */
export function fieldsOf(kind: RecordKind): Readonly<Record<string, Field>> {
  return fieldsByKind[kind]!
}

/** Names of the fields that a list carries (all but the details of `show`). */
export function listFieldNames(kind: RecordKind): string[] {
  return Object.entries(fieldsOf(kind)).filter(([, field]) => !field.detail).map(([name]) => name)
}

/** Names of the columns of a table: the short set, or with `wide` more. */
export function tableColumns(kind: RecordKind, withWide: boolean): string[] {
  return columnsAmong(fieldsOf(kind), withWide)
}

/** Of some fields the names of those that are columns of a table: the short set, or with `wide` more. */
export function columnsAmong(fields: Readonly<Record<string, Field>>, withWide: boolean): string[] {
  return Object.entries(fields).filter(([, field]) => field.column === 'short' || (withWide && field.column === 'wide')).map(([name]) => name)
}

/** The permission that reaches the records of a kind. */
export function lookPermission(kind: RecordKind): 'vm.look' | 'records.look' | 'people.look' | 'farm.look' {
  if (kind === 'vm') return 'vm.look'
  if (kind === 'user' || kind === 'group') return 'people.look'
  return kind === 'run' || kind === 'job' || kind === 'event' ? 'records.look' : 'farm.look'
}

/** What a user calls the kind, in messages. */
export const kindWords: Record<RecordKind, string> = {
  vm: 'guest', server: 'server', pool: 'pool', template: 'template', image: 'image', iso: 'ISO', disk: 'shared disk', repo: 'repository', job: 'job', event: 'event', run: 'run', user: 'user', group: 'group',
}

/** What a user calls several of the kind, in messages. */
export function kindsWord(kind: RecordKind): string {
  return `${kindWords[kind].replace(/y$/, 'ie')}s`
}

/** A record as plain data, fields by name. */
export type RecordData = Record<string, unknown>
