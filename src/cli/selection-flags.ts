import * as Flags from '@oclif/core/flags'
import type { Narrowing } from '../contract/requests.js'

/** Flags that narrow lists of guests and selections alike. */
export const narrowingFlags = under('SELECTING', {
  pool: Flags.string({ helpValue: 'POOL', multiple: true, multipleNonGreedy: true, description: 'in this pool (repeat: any of them)' }),
  server: Flags.string({ helpValue: 'SERVER', multiple: true, multipleNonGreedy: true, description: 'on this server' }),
  state: Flags.string({ helpValue: 'STATE', multiple: true, multipleNonGreedy: true, description: 'in this state' }),
  tag: Flags.string({ helpValue: 'TAG', multiple: true, multipleNonGreedy: true, description: 'with this tag: key or key=value' }),
  filter: Flags.string({ helpValue: 'FILTER', multiple: true, multipleNonGreedy: true, description: "'field OP value', OP one of = != < <= > >= ~ !~" }),
})

/** The order of a list, and how much of it. */
export const sortFlag = Flags.string({ helpValue: 'a,b:desc', helpGroup: 'SELECTING', description: 'order: field, or field:desc; several apart by commas' })
export const limitFlag = Flags.integer({ helpValue: 'N', helpGroup: 'SELECTING', min: 0, description: 'at most this many' })

/** Flags that narrow jobs, events and runs by their times. */
export const timeFlags = under('SELECTING', {
  since: Flags.string({ helpValue: 'TIME', description: 'since this time: 2010-07-28T04:00:00Z, 04:00 (the last), or so long ago: 1h' }),
  until: Flags.string({ helpValue: 'TIME', description: 'until this time, or until so long ago' }),
})

/** Flags that aim an acting verb, beside names. */
export const selectingFlags = under('SELECTING', {
  ...narrowingFlags,
  all: Flags.boolean({ description: 'every guest (with narrowing: every one that is left)' }),
  from: Flags.string({ helpValue: 'FILE', description: 'names from a file, or - for standard input: one a line, or JSON lines' }),
  exclude: Flags.string({ helpValue: 'GLOB', multiple: true, multipleNonGreedy: true, description: 'not these: a name or glob' }),
  'ignore-missing': Flags.boolean({ description: 'drop names that match nothing' }),
  'allow-empty': Flags.boolean({ description: 'a narrowing that matches nothing is no error' }),
})

/** Flags that aim a verb at servers. */
export const serverSelectingFlags = under('SELECTING', {
  pool: narrowingFlags.pool, state: narrowingFlags.state, filter: narrowingFlags.filter,
  all: Flags.boolean({ description: 'every server (with narrowing: every one that is left)' }),
  from: selectingFlags.from, exclude: selectingFlags.exclude, 'ignore-missing': selectingFlags['ignore-missing'], 'allow-empty': selectingFlags['allow-empty'],
})

/** Flags that aim a verb at pools. */
export const poolSelectingFlags = under('SELECTING', {
  state: narrowingFlags.state, filter: narrowingFlags.filter,
  all: Flags.boolean({ description: 'every pool (with narrowing: every one that is left)' }),
  from: selectingFlags.from, exclude: selectingFlags.exclude, 'ignore-missing': selectingFlags['ignore-missing'], 'allow-empty': selectingFlags['allow-empty'],
})

/** Flags that aim a verb at users or groups. */
export const peopleSelectingFlags = under('SELECTING', {
  filter: narrowingFlags.filter, all: Flags.boolean({ description: 'all (with narrowing: all that are left)' }),
  from: selectingFlags.from, exclude: selectingFlags.exclude, 'ignore-missing': selectingFlags['ignore-missing'], 'allow-empty': selectingFlags['allow-empty'],
})

/** Guards: limits on what may be touched, checked before anything is done. */
export const guardFlags = under('GUARD', {
  expect: Flags.integer({ helpValue: 'N', min: 0, description: 'refuse unless exactly this many are selected' }),
  'max-targets': Flags.integer({ helpValue: 'N', min: 0, description: 'refuse when more are selected' }),
  'max-share': Flags.string({ helpValue: 'P%', description: "refuse when more than P% of a pool's objects of that kind are selected" }),
  yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
})

/** What of the policy can be said anew when a run is taken up again. */
export const takeUpFlags = under('POLICY', {
  parallel: Flags.integer({ helpValue: 'N', min: 1, description: 'at most this many at once (default: the limits of the farm)' }),
  'on-error': Flags.string({ options: ['continue', 'stop'], description: 'what a failure does to the rest (default continue)' }),
  'max-failures': Flags.string({ helpValue: 'N|P%', description: 'begin nothing more when more than N, or P%, have failed' }),
  'finish-by': Flags.string({ helpValue: 'TIME', description: 'begin nothing that is not expected to end before this: a time, HH:MM, or +2h' }),
  'lease-wait': Flags.string({ helpValue: 'DURATION', description: 'how long to wait for another change of a target to end (default 0s)' }),
  strict: Flags.boolean({ description: 'already so is a failure' }),
  'no-wait': Flags.boolean({ description: 'hand over, and do not wait for the end' }),
  reason: Flags.string({ helpValue: 'TEXT', description: 'why, for the journal' }),
  report: Flags.string({ helpValue: 'KIND=FILE', multiple: true, multipleNonGreedy: true, description: 'also write the report to a file: junit=FILE or json=FILE' }),
})

/** Policy of a run. */
export const policyFlags = under('POLICY', {
  ...takeUpFlags,
  canary: Flags.integer({ helpValue: 'N', min: 1, description: 'this many alone first; the rest only if all of them succeed' }),
  order: Flags.string({ helpValue: 'tag:KEY', description: 'tag:KEY: the values of a tag one after the other' }),
  'dry-run': Flags.boolean({ description: 'say what would happen, change nothing' }),
  'request-key': Flags.string({ helpValue: 'KEY', description: 'the same key again returns the first report instead of doing it again' }),
})

const { order: _order, ...peoplePolicy } = policyFlags
/** Policy of a run over users or groups: they have no tags. */
export const peoplePolicyFlags = peoplePolicy

/** Flags under a heading of help pages. */
function under<F extends Record<string, { helpGroup?: string }>>(heading: string, flags: F): F {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, { ...flag, helpGroup: heading }])) as F
}

/** The narrowing of parsed flags. */
export function narrowingOf(flags: { pool?: string[]; server?: string[]; state?: string[]; tag?: string[]; filter?: string[]; exclude?: string[] }): Narrowing {
  return { pools: flags.pool ?? [], servers: flags.server ?? [], states: flags.state ?? [], tags: flags.tag ?? [], filters: flags.filter ?? [], exclude: flags.exclude ?? [] }
}
