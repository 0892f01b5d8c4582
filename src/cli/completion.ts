import * as Flags from '@oclif/core/flags'
import { withoutAliases } from './aliases.js'
import { staticsOf, type CommandStatics } from './command-facts.js'
import { flagValues, placeholders, type Subject, type Surroundings } from './completion-subjects.js'
import { globalFlags, listFlagNames } from './global-flags.js'
import { findCommand, type CommandTable } from './router.js'
import { shownIds } from './topics.js'

/** What completion reads of a flag. */
interface FlagFacts { type: 'option' | 'boolean'; char?: string; multiple?: boolean; options?: readonly string[]; hidden?: boolean; helpValue?: string | readonly string[] }
type FlagTable = Readonly<Record<string, FlagFacts>>

/** What can stand at the cursor: `words`, each to be followed by more when it is `open`; or a file whose name goes on like this. */
export interface Offer { words: string[]; open: boolean; file: string | null }

/** Words that are not known here. */
export type Asked = Exclude<Subject, 'file' | { words: unknown } | { each: unknown } | { begins: unknown }>

/** Looks up words that begin so; `given` are the flags on the line, which may name a farm and a user. */
export type LookUp = (subject: Asked, prefix: string, given: Walked['given']) => Promise<readonly string[]>

/** What stands before the cursor: words that are no flags, the flag that waits for its value, and the values of flags. */
export interface Walked { plain: string[]; waiting: string | null; ended: boolean; given: Map<string, string | true> }

const help: FlagFacts = { type: 'boolean', char: 'h' }
/** What may stand before the topic. */
const leading: FlagTable = { ...globalFlags, ...Object.fromEntries(listFlagNames.map(name => [name, Flags.string()])) }

/** Reads words as a command with such flags would. */
export function walk(words: readonly string[], flags: FlagTable): Walked {
  const walked: Walked = { plain: [], waiting: null, ended: false, given: new Map() }
  const give = (name: string, value: string | null) => {
    if (value !== null) walked.given.set(name, value)
    else if (flags[name]?.type === 'option') walked.waiting = name
    else walked.given.set(name, true)
  }
  for (const word of words) {
    if (walked.waiting !== null) {
      walked.given.set(walked.waiting, word)
      walked.waiting = null
    } else if (walked.ended || !word.startsWith('-') || word === '-') walked.plain.push(word)
    else if (word === '--') walked.ended = true
    else if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      give(word.slice(2, equals < 0 ? undefined : equals), equals < 0 ? null : word.slice(equals + 1))
    } else {
      const name = Object.keys(flags).find(flag => flags[flag]!.char === word[1])
      if (name !== undefined) give(name, word.length > 2 && flags[name]!.type === 'option' ? word.slice(2).replace(/^=/, '') : null)
    }
  }
  return walked
}

/** The words that can stand where the last of some words stands. */
export async function complete(table: CommandTable, words: readonly string[], lookUp: LookUp): Promise<Offer> {
  const prefix = words.at(-1) ?? ''
  const first = walk(words.slice(0, -1), leading)
  const isHelp = first.plain[0] === 'help'
  const path = withoutAliases(isHelp ? first.plain.slice(1) : first.plain)
  const id = findCommand(table, path)
  const command = id === null ? null : await staticsOf(table, id)
  const flags: FlagTable = { ...(command ? { ...globalFlags, ...command.flags } : leading), help }
  const { plain, waiting, ended, given } = walk(words.slice(0, -1), flags)
  const length = id === null ? 0 : id.split(' ').length
  const at: Surroundings = { id: id ?? '', args: plain.slice(length), output: command?.output ?? null }

  if (waiting !== null) return fill(await valueOf(waiting), prefix, '')
  const attached = ended ? null : /^--([a-z-]+)=(.*)$/s.exec(prefix)
  if (attached) return fill(await valueOf(attached[1]!), attached[2]!, `--${attached[1]}=`)
  if (prefix.startsWith('-') && !ended) {
    return offer(Object.keys(flags).filter(name => !flags[name]!.hidden && (flags[name]!.multiple || !given.has(name))).map(name => `--${name}`), prefix)
  }
  // `help` says nothing about what comes after a command.
  if (isHelp && id !== null) return offer([], prefix)
  const next: Subject[] = ended || (at.args.length > 0 && id !== null) ? [] : [{ words: nextWords(table, path) }]
  if (path.length === 0) next.push({ words: isHelp ? Object.keys((await import('./help-topics.js')).helpTopics) : ['help'] })
  return fill([...next, ...(command ? await argumentOf(command) : [])], prefix, '')

  async function valueOf(name: string): Promise<readonly Subject[]> {
    const { options, helpValue } = Object.hasOwn(flags, name) ? flags[name]! : ({} as Partial<FlagFacts>)
    if (options) return [{ words: options }]
    return Object.hasOwn(flagValues, name) ? flagValues[name]!() : meantBy([helpValue ?? ''].flat()[0]!)
  }

  async function argumentOf({ usage }: CommandStatics): Promise<readonly Subject[]> {
    const named = argumentsIn([usage ?? ''].flat()[0]!)
    const placeholder = named[at.args.length] ?? (named.at(-1)?.repeats ? named.at(-1) : undefined)
    return meantBy(placeholder?.word ?? '')
  }

  async function meantBy(placeholder: string): Promise<readonly Subject[]> {
    return Object.hasOwn(placeholders, placeholder) ? placeholders[placeholder]!(at) : []
  }

  async function fill(subjects: readonly Subject[], begun: string, before: string): Promise<Offer> {
    const all: Offer = { words: [], open: false, file: null }
    for (const subject of subjects) {
      const one = await fillOne(subject, begun, before)
      all.words.push(...one.words)
      all.open ||= one.open && one.words.length > 0
      all.file ??= one.file
    }
    return { ...all, words: [...new Set(all.words)] }
  }

  async function fillOne(subject: Subject, begun: string, before: string): Promise<Offer> {
    if (subject === 'file') return { words: [], open: false, file: begun }
    if ('words' in subject) return offer(subject.words, begun, before)
    if ('each' in subject) {
      const comma = begun.lastIndexOf(',') + 1
      const used = new Set(begun.slice(0, comma).split(','))
      return offer(subject.each.filter(word => !used.has(word)), begun.slice(comma), before + begun.slice(0, comma), true)
    }
    if ('begins' in subject) {
      const beginning = subject.begins.find(word => begun.startsWith(word))
      return beginning === undefined ? offer(subject.begins, begun, before, true) : fill(subject.after, begun.slice(beginning.length), before + beginning)
    }
    const found = await lookUp(subject, begun, given)
    return offer(found, begun, before, found.every(word => word.endsWith('/')))
  }
}

/** The arguments that a usage names: `<%= command.id %> POOL SERVER... [FLAGS]`. */
export function argumentsIn(usage: string): { word: string; repeats: boolean }[] {
  const words = usage.replace(/<%.*?%>/g, '').split(' ').filter(word => word !== '')
  return words.flatMap((word, at) => {
    const match = /^[[(]*--/.test(words[at - 1] ?? '') ? null : /^\[*([A-Z]+)(?:\|-)?(\.\.\.)?\]*$/.exec(word)
    return match && match[1] !== 'FLAGS' ? [{ word: match[1]!, repeats: match[2] !== undefined }] : []
  })
}

/** The words that may come next after some words of a command. */
function nextWords(table: CommandTable, path: readonly string[]): string[] {
  const before = path.map(word => `${word} `).join('')
  return shownIds(table).flatMap(id => (id.startsWith(before) ? [id.slice(before.length).split(' ')[0]!] : []))
}

function offer(words: readonly string[], begun: string, before = '', open = false): Offer {
  return { words: words.filter(word => word.startsWith(begun)).map(word => before + word), open, file: null }
}
