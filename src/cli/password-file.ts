import { isUtf8 } from 'node:buffer'
import { called, givenBytes } from './given-file.js'
import { openToOthers } from './open-to-others.js'
import { Refusal } from './refusal.js'

/**
 * The password that a file holds: its first line, without the line's end. The file is bounded to a MiB.
 * @param tell is told when others may read the file, and what to do when somebody has to type it @throws Refusal usage.argument, which never holds any of it
 */
export function passwordOf(source: string, flag: string, tell: (line: string) => void): string {
  const bytes = givenBytes({ source, flag, what: 'a password', mostMiB: 1, ifMore: 'a password is one line' }, tell)
  if (!isUtf8(bytes) || bytes.includes(0)) throw new Refusal('usage.argument', `${flag}: ${called(source)} is no UTF-8 text`, 'its first line is the password')
  const password = bytes.toString('utf8').replace(/^\uFEFF/, '').split(/\r?\n/, 1)[0]!
  if (password === '') throw new Refusal('usage.argument', `${flag}: the first line of ${called(source)} is empty`, 'its first line is the password')
  const open = source === '-' ? null : openToOthers(source, 'a password')
  if (open !== null) tell(open)
  return password
}
