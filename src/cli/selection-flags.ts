import * as Flags from '@oclif/core/flags'
import type { Narrowing } from '../contract/requests.js'

/** Flags that narrow lists of guests and selections alike. */
export const narrowingFlags = {
  pool: Flags.string({ multiple: true, multipleNonGreedy: true, description: 'in this pool (repeat: any of them)' }),
  server: Flags.string({ multiple: true, multipleNonGreedy: true, description: 'on this server' }),
  state: Flags.string({ multiple: true, multipleNonGreedy: true, description: 'in this state' }),
  tag: Flags.string({ multiple: true, multipleNonGreedy: true, description: 'with this tag: key or key=value' }),
  filter: Flags.string({ multiple: true, multipleNonGreedy: true, description: "'field OP value', OP one of = != < <= > >= ~ !~" }),
}

/** The order of a list, and how much of it. */
export const sortFlag = Flags.string({ description: 'order: field, or field:desc; several apart by commas' })
export const limitFlag = Flags.integer({ min: 0, description: 'at most this many' })

/** Flags that narrow jobs, events and runs by their times. */
export const timeFlags = {
  since: Flags.string({ description: 'since this time: 2010-07-28T04:00:00Z, 04:00 (the last), or so long ago: 1h' }),
  until: Flags.string({ description: 'until this time, or until so long ago' }),
}

/** Flags that aim an acting verb, beside names. */
export const selectingFlags = {
  ...narrowingFlags,
  all: Flags.boolean({ description: 'every guest (with narrowing: every one that is left)' }),
  from: Flags.string({ description: 'names from a file, or - for standard input: one a line, or JSON lines' }),
  exclude: Flags.string({ multiple: true, multipleNonGreedy: true, description: 'not these: a name or glob' }),
  'ignore-missing': Flags.boolean({ description: 'drop names that match nothing' }),
  'allow-empty': Flags.boolean({ description: 'a narrowing that matches nothing is no error' }),
}

/** Flags that aim a verb at servers. */
export const serverSelectingFlags = {
  pool: narrowingFlags.pool, state: narrowingFlags.state, filter: narrowingFlags.filter,
  all: Flags.boolean({ description: 'every server (with narrowing: every one that is left)' }),
  from: selectingFlags.from, exclude: selectingFlags.exclude, 'ignore-missing': selectingFlags['ignore-missing'], 'allow-empty': selectingFlags['allow-empty'],
}

/** Guards: limits on what may be touched, checked before anything is done. */
export const guardFlags = {
  expect: Flags.integer({ min: 0, description: 'refuse unless exactly this many are selected' }),
  'max-targets': Flags.integer({ min: 0, description: 'refuse when more are selected' }),
  'max-share': Flags.string({ description: "refuse when more than P% of a pool's objects of that kind are selected" }),
  yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
}

/** What of the policy can be said anew when a run is taken up again. */
export const takeUpFlags = {
  parallel: Flags.integer({ min: 1, description: 'at most this many at once (default: the limits of the farm)' }),
  'on-error': Flags.string({ options: ['continue', 'stop'], description: 'what a failure does to the rest (default continue)' }),
  'max-failures': Flags.string({ description: 'begin nothing more when more than N, or P%, have failed' }),
  'finish-by': Flags.string({ description: 'begin nothing that is not expected to end before this: a time, HH:MM, or +2h' }),
  'lease-wait': Flags.string({ description: 'how long to wait for another change of a target to end (default 0s)' }),
  strict: Flags.boolean({ description: 'already so is a failure' }),
  'no-wait': Flags.boolean({ description: 'hand over, and do not wait for the end' }),
  reason: Flags.string({ description: 'why, for the journal' }),
  report: Flags.string({ multiple: true, multipleNonGreedy: true, description: 'also write the report to a file: junit=FILE or json=FILE' }),
}

/** Policy of a run. */
export const policyFlags = {
  ...takeUpFlags,
  canary: Flags.integer({ min: 1, description: 'this many alone first; the rest only if all of them succeed' }),
  order: Flags.string({ description: 'tag:KEY: the values of a tag one after the other' }),
  'dry-run': Flags.boolean({ description: 'say what would happen, change nothing' }),
  'request-key': Flags.string({ description: 'the same key again returns the first report instead of doing it again' }),
}

/** The narrowing of parsed flags. */
export function narrowingOf(flags: { pool?: string[]; server?: string[]; state?: string[]; tag?: string[]; filter?: string[]; exclude?: string[] }): Narrowing {
  return { pools: flags.pool ?? [], servers: flags.server ?? [], states: flags.state ?? [], tags: flags.tag ?? [], filters: flags.filter ?? [], exclude: flags.exclude ?? [] }
}
