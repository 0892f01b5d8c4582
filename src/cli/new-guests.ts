import type { GuestSpec } from '../model/guest-spec.js'
import { fieldsOfFlags, guestsOfFlags, type NewGuestFlags } from './new-guest-flags.js'
import { Refusal } from './refusal.js'

/** The guests that words and flags of `vm create` ask for, or its file. @throws Refusal usage.*, vm.os-mode */
export async function newGuests(argv: readonly string[], flags: Record<string, unknown>, tell: (line: string) => void): Promise<readonly GuestSpec[]> {
  const file = flags['file'] as string | undefined
  const said = flags as NewGuestFlags
  if (file === undefined) {
    if (argv.length === 0) throw new Refusal('usage.argument', 'no guest is asked for', "give a name, or a pattern 'web{01..10}', or --file FILE")
    return guestsOfFlags(argv, said, tell)
  }
  if (argv.length > 0) throw new Refusal('usage.argument', `names and --file exclude each other: ${argv.slice(0, 3).join(', ')}`, 'leave one of them out')
  const { readGuestFile } = await import('./guest-file.js')
  return readGuestFile(file, fieldsOfFlags(said, tell), tell)
}
