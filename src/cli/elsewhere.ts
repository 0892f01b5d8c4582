import type { Defaults } from './defaults.js'
import { currentProfile } from './profiles.js'
import { Refusal } from './refusal.js'
import { targetOf, type Target } from './target.js'

/** A manager elsewhere, in words; null: a farm of this machine. */
export function elsewhere(target: Target): string | null {
  if (target.kind === 'embedded') return null
  return target.kind === 'profile' ? `profile ${target.name}` : `the manager at ${target.url}`
}

/** Where commands work that name no farm, in words, when that is elsewhere. Null as well where what says so makes no sense: commands that go by it are refused. */
function elsewhereByDefault(defaults: Defaults): string | null {
  try {
    return elsewhere(targetOf({}, defaults, currentProfile))
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

/** What whoever makes or chooses a farm of this machine is to know; null where commands that name none work on it. */
export function notHereByDefault(defaults: Defaults, farm: string): string | null {
  const where = elsewhereByDefault(defaults)
  return where === null ? null : `commands that name no farm work on ${where}; on this one with --farm ${farm}`
}
