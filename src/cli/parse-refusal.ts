import { Refusal } from '../model/errors.js'
import { namesOf } from '../model/names.js'
import { nearest } from './near.js'

/** What oclif's parser throws, as far as it is looked at. */
interface ParseError { message: string; oclif: object }

const askHelp = 'add --help to see what the command takes'

/** An error of oclif's parser as a Refusal; null when it is none. */
export function parseRefusal(error: unknown): Refusal | null {
  if (!isParseError(error)) return null
  const lines = error.message.split('\n').map(line => line.trim()).filter(line => line !== '' && !/^(See more help|The following errors? occurred)/.test(line))
  const flag = /^Parsing (--\S+)$/.exec(lines[0] ?? '')?.[1]
  const said = (flag ? lines.slice(1) : lines).join('; ') || 'the words of the command cannot be understood'
  const missing = said.match(/Missing required flag \S+/g)?.map(part => `--${part.slice(22)}`)
  if (missing) return new Refusal('usage.argument', `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`, askHelp)
  const lowered = said.charAt(0).toLowerCase() + said.slice(1)
  return new Refusal('usage.argument', flag ? `${flag}: ${lowered}` : lowered, askHelp)
}

/** Flags that the command does not have, with the one that may be meant. */
export function unknownFlags(flags: readonly string[], known: readonly string[]): Refusal {
  const near = nearestFlag(flags[0]!, known)
  return new Refusal('usage.argument', `there is no flag ${namesOf(flags)}`, near ? `did you mean --${near}?` : askHelp, { flags, near })
}

/** The name of the flag that may be meant by what was written. */
export function nearestFlag(written: string, known: readonly string[]): string | null {
  return nearest(written.replace(/^-+/, '').replace(/=.*$/s, ''), known)
}

/** Names given to a command that takes none. */
export function tooMuch(names: readonly string[]): Refusal {
  return new Refusal('usage.argument', `${namesOf(names)} is too much`, askHelp)
}

function isParseError(error: unknown): error is ParseError {
  return error instanceof Error && 'oclif' in error
}
