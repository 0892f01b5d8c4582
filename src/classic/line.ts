import { Refusal } from '../model/errors.js'

/** A line in the classic spelling, apart: who acts, and the words of what he wants. */
export interface ClassicLine { user: string; password: string | undefined; words: string[] }

/** Takes `-u USER` and `-p PASS` off the beginning of a line. @throws Refusal usage.argument, which never holds a value: one of them is a password */
export function lineOf(argv: readonly string[]): ClassicLine {
  const given = new Map<string, string>()
  let at = 0
  for (; argv[at] === '-u' || argv[at] === '-p'; at += 2) {
    const value = argv[at + 1]
    if (value === undefined) throw new Refusal('usage.argument', `${argv[at]!} expects a value`, usage)
    given.set(argv[at]!, value)
  }
  const user = given.get('-u')
  if (user === undefined) throw new Refusal('usage.argument', 'who acts was not said', usage)
  return { user, password: given.get('-p'), words: argv.slice(at) }
}

const usage = 'write ovm -u USER -p PASS GROUP SUB -n NAME -s POOL'

/** Options of a subcommand by their letters, in the order given; the value of a switch is ''. */
export type Options = ReadonlyMap<string, string>

/**
 * The options of a subcommand. @param takes the letters that take a value @param switches those that do not
 * @throws Refusal usage.argument, which never holds a value: one of them is a password
 */
export function optionsOf(command: string, words: readonly string[], takes: string, switches: string): Options {
  const options = new Map<string, string>()
  const spoken = `${command} takes ${[...takes].map(letter => `-${letter} VALUE`).concat([...switches].map(letter => `-${letter}`)).join(' ')}`
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    const letter = word.slice(1)
    const isSwitch = switches.includes(letter)
    if (!/^-[a-z]$/.test(word) || !(isSwitch || takes.includes(letter))) throw new Refusal('usage.argument', /^-[a-z]$/.test(word) ? `${command} has no option ${word}` : `${command}: word ${at + 1} of its options is none of them`, spoken)
    if (options.has(letter)) throw new Refusal('usage.argument', `${command}: -${letter} is given twice`, spoken)
    if (!isSwitch && at + 1 === words.length) throw new Refusal('usage.argument', `${command}: -${letter} expects a value`, spoken)
    options.set(letter, isSwitch ? '' : words[++at]!)
  }
  return options
}

/** The value of an option that there must be. @throws Refusal usage.argument */
export function must(command: string, options: Options, letter: string): string {
  const value = options.get(letter)
  if (value !== undefined && value !== '') return value
  throw new Refusal('usage.argument', `${command} wants -${letter}`, letter === 's' ? 'give -s POOL' : 'give -n NAME')
}
