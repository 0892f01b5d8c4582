import * as Flags from '@oclif/core/flags'
import { guardFlags, narrowingFlags, policyFlags, selectingFlags } from './selection-flags.js'

const { order: _order, ...policy } = policyFlags

/** Flags of verbs that act on what belongs to a pool, and has neither tags nor a server. */
export const storageFlags = {
  pool: narrowingFlags.pool, filter: narrowingFlags.filter, all: { ...Flags.boolean({ description: 'all (with narrowing: all that are left)' }), helpGroup: 'SELECTING' },
  from: selectingFlags.from, exclude: selectingFlags.exclude, 'ignore-missing': selectingFlags['ignore-missing'], 'allow-empty': selectingFlags['allow-empty'],
  ...guardFlags, ...policy,
}
