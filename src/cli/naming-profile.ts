import { Refusal } from '../model/errors.js'

const nameless = 'profile add NAME'

/** An error whose hint is to add a profile, with the name of the one that the command goes by: a manager, and the way to it, cannot know that. */
export function namingProfile(error: unknown, profile: string | null): unknown {
  if (profile === null || !(error instanceof Refusal) || !error.hint?.includes(nameless)) return error
  return new Refusal(error.code, error.message, error.hint.replaceAll(nameless, `profile add ${profile}`), error.details)
}
