import type { Principal } from '../contract/requests.js'
import { variableOf, type Default, type Defaults } from './defaults.js'
import { isIn, textIn } from './details.js'
import { fileThere } from './file-there.js'
import { passwordOf } from './password-file.js'
import { Refusal } from './refusal.js'
import { canAsk } from './streams.js'

/** The variable that holds the password itself, of whoever acts. */
export const passwordVariable = 'OVMCLI_PASSWORD'

/** How often somebody is asked for his password, as by sudo. */
const mostTries = 3

/** Passwords that were typed in this process, by user: a shell asks once. */
const typed = new Map<string, string>()
/** What was read of files that can be read only once. */
const streamed = new Map<string, string>()

/**
 * Who acts, with his password where he gives one: typed before, in the file of a flag or of OVMCLI_PASSWORD_FILE, in
 * OVMCLI_PASSWORD, in the file that the configuration names, the first of these. @throws Refusal usage.argument
 */
export function principalOf(user: string, given: string | undefined, defaults: Defaults, tell: (line: string) => void): Principal {
  const password = typed.get(user) ?? passwordGiven(given, defaults, tell)
  if (password !== undefined) return { user, password }
  return canAsk() ? { user, asked: true } : { user }
}

/** The same for a Tab: nothing is said, and no stream is read that a command may want. */
export function quietPrincipal(user: string, defaults: Defaults): Principal {
  const file = defaults.get('password-file')?.texts.join(',')
  const readable = file === undefined || fileThere(file)?.isFile() === true
  return { asked: true, ...principalOf(user, undefined, readable ? defaults : new Map(), () => {}) }
}

function passwordGiven(given: string | undefined, defaults: Defaults, tell: (line: string) => void): string | undefined {
  if (given !== undefined) return fromFile(given, '--password-file', tell)
  const file = defaults.get('password-file')
  const variable = process.env[passwordVariable]
  if (variable && (!file || isConfigured(file))) return variable
  return file && fromFile(file.texts.join(','), file.source, tell)
}

/** Whether a default stands in the configuration: everything else is nearer to the command. */
function isConfigured({ source }: Default): boolean {
  return !source.startsWith('--') && source !== variableOf('password-file')
}

/** A regular file may be another one tomorrow; a stream is read once for all commands of a shell. */
function fromFile(path: string, source: string, tell: (line: string) => void): string {
  const isStream = path === '-' || fileThere(path)?.isFile() === false
  const known = streamed.get(path)
  if (known !== undefined && isStream) return known
  const password = passwordOf(path, source, tell)
  if (isStream) streamed.set(path, password)
  return password
}

/**
 * Whether a command that failed is to be tried again: it lacked a password, or the one that was typed is wrong, and somebody at the
 * terminal has typed another. @param tries how often he was asked before
 */
export async function typedAnother(error: unknown, tries: number): Promise<boolean> {
  if (!(error instanceof Refusal) || error.code !== 'auth.password' || !canAsk() || tries >= mostTries) return false
  const user = textIn(error.details, 'user')
  const given = isIn(error.details, 'given')
  if (user === '' || (given && !typed.has(user))) return false
  const { askPassword } = await import('./ask-password.js')
  typed.set(user, await askPassword(given ? `Wrong. Password of ${user}` : `Password of ${user}`))
  return true
}
