import type { Config } from '@oclif/core/config'
import { Refusal } from '../model/errors.js'
import { topicAliases, withoutAliases } from './aliases.js'
import type { BaseCommand } from './base-command.js'
import { noDefaults, readDefaults, type Defaults } from './defaults.js'
import { formatAskedFor, leadingFlags, splitLeading, splitLogin, wantsValue } from './global-flags.js'
import { namingProfile } from './naming-profile.js'
import { nearest } from './near.js'
import { nearestFlag, unknownFlags } from './parse-refusal.js'
import { printError } from './print-error.js'
import { program } from './program.js'
import { isOutputClosed, printable, say, tolerateClosedPipes, writeOut } from './streams.js'

/** The commands by their words: `vm start` → how to load it. */
export type CommandTable = Readonly<Record<string, () => Promise<{ default: unknown }>>>

interface CommandClass { id: string; flags?: object; new (argv: string[], config: Config): BaseCommand }

/** What oclif's commands need of a Config to parse; the whole one, for help, costs ten times as much. */
const lightConfig = { bin: 'ovmcli', runHook: async () => ({ successes: [], failures: [] }), scopedEnvVar: () => undefined, scopedEnvVarTrue: () => false } as unknown as Config

/** Runs one more command line of the program that runs; for commands that run others. */
export function runAnother(argv: readonly string[], defaults: Defaults): Promise<number> {
  const { table, version } = program()
  return runWords(table, argv, version, defaults)
}

/** Runs what the words ask for; the exit code. */
export async function route(argv: readonly string[]): Promise<number> {
  tolerateClosedPipes()
  let defaults = noDefaults
  try {
    defaults = await readDefaults()
  } catch (error) {
    // Help is for whoever is in trouble, and so is the doctor.
    if (!isHelpAsked(argv) && argv[0] !== 'help' && splitLeading(argv).rest[0] !== 'doctor') return printError(error, formatAskedFor(argv, process.env['OVMCLI_OUTPUT']))
  }
  return runAnother(argv, defaults)
}

/** Runs one command line with the defaults of its flags; the exit code. Whatever goes wrong is printed. */
async function runWords(table: CommandTable, argv: readonly string[], version: string, defaults: Defaults): Promise<number> {
  try {
    const { leading, rest } = splitLeading(argv)
    if (rest[0] === '--version') {
      await writeOut(`ovmcli/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
      return 0
    }
    if (rest[0]?.startsWith('-') && !isHelpAsked(rest)) throw misplaced(rest[0])
    const words = withoutAliases(rest)
    const wantsHelp = words.length === 0 || words[0] === 'help' || (words[1] === 'help' && findCommand(table, words) === null) || isHelpAsked(words)
    if (wantsHelp && words.length === 0) return await showWelcome(table, leading)
    if (wantsHelp) return await (await import('./help.js')).showHelp(table, words.filter(word => word !== 'help' && word !== '--help' && word !== '-h'), leading)
    const id = findCommand(table, words)
    if (id === null) throw (await import('./help.js')).unknownPage(table, words)
    const { default: found } = (await table[id]!()) as { default: CommandClass }
    found.id = id.replaceAll(' ', ':')
    // Where a verb takes the password of somebody else, that of whoever acts stands before the topic.
    const { words: globals, passwordFile } = Object.hasOwn(found.flags ?? {}, 'password-file') ? splitLogin(leading) : { words: leading, passwordFile: undefined }
    for (let tries = 0; ; tries++) {
      // In front of the rest: behind a `--` they would be names.
      const command = new found([...globals, ...words.slice(id.split(' ').length)], lightConfig)
      command.defaults = defaults
      command.loginFile = passwordFile
      try {
        const exit = await command.run()
        return isOutputClosed() ? 0 : exit
      } catch (error) {
        // Who is not known yet has done nothing: the whole command begins again.
        if (error instanceof Refusal && error.code === 'auth.password' && (await (await import('./login.js')).typedAnother(error, tries))) continue
        // It may be about something that nobody wrote on this line.
        if (error instanceof Refusal && error.code.startsWith('usage.') && command.filledFrom.length > 0) say(`Defaults: ${command.filledFrom.map(printable).join(', ')}`)
        throw namingProfile(error, command.profile)
      } finally {
        await command.release()
      }
    }
  } catch (error) {
    // Ctrl-C at a question.
    if (error instanceof Error && error.name === 'ExitPromptError') return 130
    return printError(error, formatAskedFor(argv, defaults.get('output')?.texts[0]))
  }
}

/** What to say of a flag that stands before the topic and may not. */
function misplaced(flag: string): Refusal {
  if (wantsValue(flag)) return new Refusal('usage.argument', `flag ${flag} expects a value`, 'write ovmcli TOPIC VERB [NAME...] [flags]')
  if (nearestFlag(flag, leadingFlags) !== null) return unknownFlags([flag], leadingFlags)
  return new Refusal('usage.argument', `${JSON.stringify(flag.slice(0, 80))} cannot stand before the topic`, 'write ovmcli TOPIC VERB [NAME...] [flags]; only global flags may stand before')
}

/** Nothing was asked: the overview, and, where there is no farm yet, how to begin. */
async function showWelcome(table: CommandTable, leading: readonly string[]): Promise<number> {
  const exit = await (await import('./help.js')).showHelp(table, [], leading)
  await (await import('./first-use.js')).showFirstUse()
  return exit
}

function isHelpAsked(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return (end < 0 ? words : words.slice(0, end)).some(word => word === '--help' || word === '-h')
}

/** The longest command that the words begin with. */
export function findCommand(table: CommandTable, words: readonly string[]): string | null {
  for (let length = Math.min(3, words.length); length > 0; length--) {
    const id = words.slice(0, length).join(' ')
    if (Object.hasOwn(table, id)) return id
  }
  return null
}

/** What to say of words that are no command, with the nearest that is one. */
export function unknownCommand(table: CommandTable, words: readonly string[]): Refusal {
  const ids = Object.keys(table)
  const [topic, verb] = words
  const verbs = ids.filter(id => id.startsWith(`${topic} `)).map(id => id.slice(topic!.length + 1))
  const shown = (text: string) => JSON.stringify(text.slice(0, 80))
  if (verbs.length > 0) {
    const near = verb ? nearest(verb, verbs) : null
    const message = verb === undefined || verb.startsWith('-') ? `${topic} wants a verb` : `${topic} has no verb ${shown(verb)}`
    return new Refusal('usage.command', message, near ? `did you mean: ovmcli ${topic} ${near}` : `verbs of ${topic}: ${verbs.join(' ')}`)
  }
  const topics = [...new Set(ids.map(id => id.split(' ')[0]!))]
  const near = nearestTopic(topic!, topics)
  return new Refusal('usage.command', `there is no command ${shown(topic!)}`, near ? `did you mean: ovmcli ${near}` : `topics: ${topics.join(' ')}`)
}

/** The topic that may be meant, by its own name or by another word for it. */
function nearestTopic(word: string, topics: readonly string[]): string | null {
  const near = nearest(word, [...topics, ...Object.keys(topicAliases).filter(alias => topics.includes(topicAliases[alias]!))])
  return near !== null && Object.hasOwn(topicAliases, near) ? topicAliases[near]! : near
}
