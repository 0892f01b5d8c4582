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

/** Flags that aim an acting verb, beside names. */
export const selectingFlags = {
  ...narrowingFlags,
  all: Flags.boolean({ description: 'every guest (with narrowing: every one that is left)' }),
  from: Flags.string({ description: 'names from a file, or - for standard input: one a line, or JSON lines' }),
  exclude: Flags.string({ multiple: true, multipleNonGreedy: true, description: 'not these: a name or glob' }),
  'ignore-missing': Flags.boolean({ description: 'drop names that match nothing' }),
  'allow-empty': Flags.boolean({ description: 'a narrowing that matches nothing is no error' }),
}

/** Guards and policy of a run. */
export const runFlags = {
  expect: Flags.integer({ min: 0, description: 'refuse unless exactly this many are selected' }),
  'max-targets': Flags.integer({ min: 0, description: 'refuse when more are selected' }),
  'max-share': Flags.string({ description: "refuse when more than P% of a pool's guests are selected" }),
  yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  parallel: Flags.integer({ min: 1, description: 'at most this many at once (default: the limits of the farm)' }),
  'on-error': Flags.string({ options: ['continue', 'stop'], default: 'continue', description: 'what a failure does to the rest' }),
  strict: Flags.boolean({ description: 'already so is a failure' }),
  'dry-run': Flags.boolean({ description: 'say what would happen, change nothing' }),
  'no-wait': Flags.boolean({ description: 'hand over, and do not wait for the end' }),
  reason: Flags.string({ description: 'why, for the journal' }),
  'request-key': Flags.string({ description: 'the same key again returns the first report instead of doing it again' }),
}

/** The narrowing of parsed flags. */
export function narrowingOf(flags: { pool?: string[]; server?: string[]; state?: string[]; tag?: string[]; filter?: string[]; exclude?: string[] }): Narrowing {
  return { pools: flags.pool ?? [], servers: flags.server ?? [], states: flags.state ?? [], tags: flags.tag ?? [], filters: flags.filter ?? [], exclude: flags.exclude ?? [] }
}
