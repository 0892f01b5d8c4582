import { fieldsOf, recordKinds, type RecordKind } from '../contract/fields.js'
import type { SuggestedKind } from '../contract/requests.js'
import { faultKinds, type FaultKindFacts } from '../model/fault-kinds.js'
import { itemFields } from './report-view.js'

/** What completion knows of the place that is to be filled. */
export interface Surroundings {
  /** the words of the command, such as `vm start` */
  id: string
  /** its arguments before the cursor */
  args: readonly string[]
  flags: Readonly<Record<string, unknown>>
}

/** What can stand in a place: words that are known here, or names that somebody is asked for. */
export type Subject =
  | { words: readonly string[] }
  | { names: SuggestedKind }
  | { keeper: 'farm' | 'preset' | 'fault' }
  | { program: 'topic' | 'verb' }
  | 'file'
  /** several apart by commas; of each no more than once */
  | { each: readonly string[] }
  /** what goes on behind these words */
  | { begins: readonly string[]; after: readonly Subject[] }

const named = (...kinds: SuggestedKind[]): Subject[] => kinds.map(names => ({ names }))

/**
 * What the placeholders in the usage of commands mean: `vm migrate [NAME...]`, `pool add-server POOL SERVER...`. What is not
 * here, such as a number, is not completed. A test holds it against all commands.
 */
export const placeholders: Readonly<Record<string, (at: Surroundings) => readonly Subject[]>> = {
  NAME: namesOf, ID: namesOf,
  VM: () => named('vm'), SERVER: () => named('server'), POOL: () => named('pool'), RUN: () => named('run'), JOB: () => named('job'), TEMPLATE: () => named('template'), ISO: () => named('iso'), REPO: () => named('repo'),
  FILE: () => ['file'], SHELL: () => [{ words: ['bash', 'zsh'] }],
  KIND: () => [{ words: Object.keys(faultKinds) }], SUBJECT: ({ args }) => named(...((faultKinds as Record<string, FaultKindFacts>)[args[0] ?? '']?.takes ?? ['vm', 'server', 'repo'] as const)),
  TOPIC: () => [{ program: 'topic' }], VERB: () => [{ program: 'verb' }],
}

/** What the values of flags name, where the flag itself does not list its options. */
export const flagValues: Readonly<Record<string, (at: Surroundings) => readonly Subject[]>> = {
  pool: () => named('pool'), server: () => named('server'), on: () => named('server'), to: () => [{ words: ['auto'] }, ...named('server')], farm: () => [{ keeper: 'farm' }],
  tag: () => named('tag'), untag: () => named('tag'), order: () => [{ begins: ['tag:'], after: named('tag') }], exclude: namesOf, preset: () => [{ keeper: 'preset' }],
  state: at => [{ words: statesOf(at) }], columns: at => [{ each: columnsOf(at) }], sort: at => [{ each: columnsOf(at).flatMap(field => [field, `${field}:desc`]) }],
  filter: at => [{ begins: columnsOf(at).map(field => `${field}=`), after: [] }],
  from: () => ['file'], file: () => ['file'], 'password-file': () => ['file'], ca: () => ['file'], report: () => [{ begins: ['junit=', 'json='], after: ['file'] }],
}

/** What the topic of a command is about. */
function kindOf({ id }: Surroundings): RecordKind | null {
  const topic = id.split(' ')[0]!
  return recordKinds.find(kind => kind === topic) ?? null
}

/** Names of what the topic is about; of what is to be made there are none yet. */
function namesOf(at: Surroundings): readonly Subject[] {
  const kind = kindOf(at)
  if (at.id.endsWith(' create')) return []
  if (at.id.startsWith('sim fault')) return [{ keeper: 'fault' }]
  return kind === null ? (at.id.startsWith('sim ') ? [{ keeper: 'farm' }] : []) : named(kind)
}

function statesOf(at: Surroundings): readonly string[] {
  const kind = kindOf(at)
  return (kind && fieldsOf(kind)['state']?.values) ?? []
}

/** The columns a command has: those of the report where it writes one, else the fields of its topic. */
function columnsOf(at: Surroundings): readonly string[] {
  const kind = kindOf(at)
  if ('report' in at.flags || at.id === 'run show' || at.id === 'vm wait') return itemFields
  return kind === null ? [] : Object.keys(fieldsOf(kind))
}
