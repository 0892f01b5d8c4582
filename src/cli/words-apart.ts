import type { Interfaces } from '@oclif/core'
import { Refusal } from '../model/errors.js'
import { unknownFlags } from './parse-refusal.js'

/** The longest that a word may be, in characters: what the manager takes. */
const longestWord = 4_096
/** How many words may be flags and their values: oclif's parser takes the square of their number. */
const mostFlagWords = 4_096
const mostNames = 200_000

/** The words of a command apart: flags with their values, for the parser, and names in the order given. */
export interface ApartWords { given: string[]; names: string[] }

/**
 * Takes the names out of the words of a command, by the rules of oclif's parser: that one takes the square of their number,
 * and names there may be very many. What is no flag of the command is refused here: the parser knows `--toString`, too.
 * @throws Refusal usage.argument
 */
export function wordsApart(argv: readonly string[], flags: Interfaces.FlagInput): ApartWords {
  const tooLong = argv.find(word => word.length > longestWord)
  if (tooLong !== undefined) throw new Refusal('usage.argument', `${JSON.stringify(`${tooLong.slice(0, 60)}…`)} is longer than ${longestWord} characters`, 'a name has at most 63, and what is longer belongs into a file')
  const letters = new Map(Object.entries(flags).flatMap(([name, { char }]) => (char ? [[char as string, name] as const] : [])))
  const given: string[] = []
  const names: string[] = []
  const unknown: string[] = []
  let at = 0
  for (; at < argv.length && argv[at] !== '--'; at++) {
    const word = argv[at]!
    const meant = word.startsWith('--') ? longFlag(word, flags) : word.startsWith('-') && word !== '-' ? shortFlags(word, flags, letters) : 'name'
    if (meant === 'name') names.push(word)
    else if (meant === 'unknown') unknown.push(word)
    else {
      given.push(word)
      if (meant === 'takes next' && at + 1 < argv.length) given.push(argv[++at]!)
    }
  }
  for (at++; at < argv.length; at++) names.push(argv[at]!)
  if (unknown.length > 0) throw unknownFlags(unknown.slice(0, 10), Object.keys(flags))
  if (given.length > mostFlagWords) throw new Refusal('usage.argument', `${given.length} words are flags and their values, and ${mostFlagWords} are allowed`, 'names go into a file: --from FILE')
  if (names.length > mostNames) throw new Refusal('usage.argument', `${names.length} names, and ${mostNames} are allowed`, 'select so many by --all, --pool, --tag or --filter')
  return { given, names }
}

type Meant = 'name' | 'unknown' | 'alone' | 'takes next'

/** `--flag`, `--no-flag`, `--flag=value`. */
function longFlag(word: string, flags: Interfaces.FlagInput): Meant {
  const equals = word.indexOf('=')
  const name = word.slice(2, equals < 0 ? undefined : equals)
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
  if (flag?.type === 'option') return equals < 0 ? 'takes next' : 'alone'
  if (flag) return equals < 0 ? 'alone' : refuseValue(`--${name}`)
  const negated = name.startsWith('no-') && Object.hasOwn(flags, name.slice(3)) ? flags[name.slice(3)] : undefined
  if (negated?.type !== 'boolean' || !negated.allowNo) return 'unknown'
  return equals < 0 ? 'alone' : refuseValue(`--${name}`)
}

/** `-o`, `-ojson`, `-o=json`, `-qvo`; `-5` is a name. */
function shortFlags(word: string, flags: Interfaces.FlagInput, letters: ReadonlyMap<string, string>): Meant {
  for (let at = 1; at < word.length; at++) {
    const name = letters.get(word[at]!)
    if (name === undefined) return at === 1 && /^-\d/.test(word) ? 'name' : 'unknown'
    if (flags[name]!.type === 'option') return at === word.length - 1 ? 'takes next' : 'alone'
    if (word[at + 1] === '=') return refuseValue(`-${word[at]!}`)
  }
  return 'alone'
}

function refuseValue(flag: string): never {
  throw new Refusal('usage.argument', `${flag} takes no value`, 'leave it out where it is not meant')
}
