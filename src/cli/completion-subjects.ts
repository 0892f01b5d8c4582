import { fieldsOf, recordKinds, type RecordKind } from '../contract/fields.js'
import type { SuggestedKind } from '../contract/requests.js'
import type { OutputName } from '../contract/shapes/outputs.js'
import { qosClasses } from '../model/repositories.js'
import { keyboards, mostNics } from '../model/guest-faults.js'
import { faultKinds, type FaultKindFacts } from '../model/fault-kinds.js'

/** What completion knows of the place that is to be filled. */
export interface Surroundings {
  /** the words of the command, such as `vm start` */
  id: string
  /** its arguments before the cursor */
  args: readonly string[]
  /** what it prints as JSON: its columns are the fields of that */
  output: OutputName | null
}

/** What can stand in a place: words that are known here, or names that somebody is asked for. */
export type Subject =
  | { words: readonly string[] }
  | { names: SuggestedKind }
  | { keeper: 'farm' | 'preset' | 'fault' }
  /** topics of the program, or the verbs of one; null: of all */
  | { topics: true }
  | { verbs: string | null }
  | 'file'
  /** several apart by commas, of each no more than once */
  | { each: readonly string[] }
  /** words that something goes on behind */
  | { begins: readonly string[]; after: readonly Subject[] }

type Subjects = readonly Subject[] | Promise<readonly Subject[]>

const named = (...kinds: SuggestedKind[]): Subject[] => kinds.map(names => ({ names }))

/**
 * What the words mean that stand for arguments in the usage of commands (`pool add-server POOL SERVER...`) and for the values
 * of flags (their `helpValue`). A word that is not here, such as N, is not completed.
 */
export const placeholders: Readonly<Record<string, (at: Surroundings) => Subjects>> = {
  NAME: namesOf, ID: namesOf, GLOB: namesOf,
  VM: () => named('vm'), SOURCE: () => named('vm'), SERVER: () => named('server'), POOL: () => named('pool'), TEMPLATE: () => named('template'), ISO: () => named('iso'), REPO: () => named('repo'), DISK: () => named('disk'), CLASS: () => [{ words: qosClasses }],
  USER: () => named('user'), GROUP: () => named('group'), RUN: () => named('run'), JOB: () => named('job'), TAG: () => named('tag'), 'tag:KEY': () => [{ begins: ['tag:'], after: named('tag') }], 'SERVER|auto': () => [{ words: ['auto'] }, ...named('server')],
  NIC: () => [{ words: Array.from({ length: mostNics }, (_, at) => `eth${at}`) }], OS: async () => [{ words: (await import('../model/guest-os.js')).guestOsNames }], LAYOUT: () => [{ words: keyboards }],
  PRESET: () => [{ keeper: 'preset' }], FILE: () => ['file'], PATH: () => ['file'], 'KIND=FILE': () => [{ begins: ['junit=', 'json='], after: ['file'] }], SHELL: () => [{ words: ['bash', 'zsh'] }],
  KIND: () => [{ words: Object.keys(faultKinds) }], SUBJECT: ({ args }) => named(...(Object.hasOwn(faultKinds, args[0] ?? '') ? (faultKinds as Record<string, FaultKindFacts>)[args[0]!]!.takes : (['vm', 'server', 'repo'] as const))),
  TOPIC: () => [{ topics: true }], VERB: ({ id, args }) => [{ verbs: id === 'can-i' ? null : (args[0] ?? null) }],
  STATE: at => [{ words: valuesOf(at, 'state') }],
  'a,b,c': async at => [{ each: await columnsOf(at) }],
  'a,b:desc': async at => [{ each: (await columnsOf(at)).flatMap(field => [field, `${field}:desc`]) }],
  FILTER: async at => [{ begins: (await columnsOf(at)).map(field => `${field}=`), after: [] }],
}

/** Flags whose placeholder says less than their name. */
export const flagValues: Readonly<Record<string, () => readonly Subject[]>> = {
  farm: () => [{ keeper: 'farm' }], user: () => named('user'), tag: () => named('tag'), untag: () => named('tag'),
}

/** What a command is about: its topic, or the one it was given. */
function topicOf({ id, args }: Surroundings): string {
  return id === 'can-i' ? (args[1] ?? '') : id.split(' ')[0]!
}

function kindOf(at: Surroundings): RecordKind | null {
  const topic = topicOf(at)
  return recordKinds.find(kind => kind === topic) ?? null
}

/** Names of what a command is about; of what is to be made there are none yet. */
function namesOf(at: Surroundings): readonly Subject[] {
  const kind = kindOf(at)
  if (/ (?:create|import|register)$/.test(at.id) || at.id === 'pool add-server' || at.id === 'server add') return []
  if (at.id === 'sim fault clear') return [{ keeper: 'fault' }]
  if (topicOf(at) === 'sim') return [{ keeper: 'farm' }]
  return kind === null ? [] : named(kind)
}

/** The values that a field of the topic can have. */
function valuesOf(at: Surroundings, field: string): readonly string[] {
  const kind = kindOf(at)
  return (kind && fieldsOf(kind)[field]?.values) ?? []
}

/** The fields of what a command prints: of a report those of its items. */
async function columnsOf(at: Surroundings): Promise<readonly string[]> {
  if (at.output === null) return []
  const [{ documentForm }, { itemFields }] = await Promise.all([import('../contract/shapes/outputs.js'), import('./report-view.js')])
  if (at.output === 'report' || at.output === 'report-or-discovered') return itemFields
  const kind = kindOf(at)
  // A list can show what only `show` has by itself.
  if (kind !== null && ['list', 'show', 'record/line'].includes(at.output)) return Object.keys(fieldsOf(kind))
  const shape = documentForm(at.output, topicOf(at))?.shape
  return shape && 'entries' in shape ? Object.keys(shape.entries as object) : []
}
