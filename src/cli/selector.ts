import type { Selector } from '../contract/requests.js'
import type { CommonFlags } from './base-command.js'
import { readTargets } from './from-file.js'
import { narrowingOf } from './selection-flags.js'

/** Parsed flags of selecting. */
export type SelectFlags = CommonFlags & { pool?: string[]; server?: string[]; state?: string[]; tag?: string[]; filter?: string[]; exclude?: string[]; all?: boolean; from?: string; 'ignore-missing'?: boolean; 'allow-empty'?: boolean }

/**
 * The flags without a pool that nobody gave, when nothing else aims the verb: the pool in use narrows what is aimed at, and
 * aims at nothing itself.
 */
export function aimedBy<F extends SelectFlags>(argv: readonly string[], flags: F, poolIsDefault: boolean): F {
  const aims = argv.length > 0 || flags.from !== undefined || flags.all || [flags.server, flags.state, flags.tag, flags.filter, flags.exclude].some(given => given && given.length > 0)
  return poolIsDefault && !aims ? { ...flags, pool: [] } : flags
}

/** The selector of names and flags; --from is read here, since it is a file of whoever asks. @throws Refusal usage.* */
export function selectorOf(argv: readonly string[], flags: SelectFlags, tell: (line: string) => void): Selector {
  const listed = flags.from === undefined ? [] : readTargets(flags.from, tell)
  return { targets: [...argv, ...listed], listed: flags.from !== undefined, all: flags.all ?? false, narrowing: narrowingOf(flags), ignoreMissing: flags['ignore-missing'] ?? false, allowEmpty: flags['allow-empty'] ?? false }
}
