import * as Flags from '@oclif/core/flags'
import { passwordOf } from './password-file.js'
import { Refusal } from './refusal.js'
import { canAsk } from './streams.js'

/** The new password of verbs that give one; the password of whoever acts stands before the topic there. */
export const newPasswordFlag = Flags.string({ helpValue: 'FILE', description: 'file with the new password in its first line, or - for standard input; on a terminal one is asked for it without' })

/** The new password of a user: of the flag's file, or asked for. @throws Refusal usage.argument */
export async function newPassword(file: string | undefined, user: string, tell: (line: string) => void): Promise<string> {
  if (file !== undefined) return passwordOf(file, '--password-file', tell)
  if (!canAsk()) throw new Refusal('usage.argument', `the new password of ${user} is missing`, 'give --password-file FILE, or - for standard input')
  return (await import('./ask-password.js')).askNewPassword(user)
}
