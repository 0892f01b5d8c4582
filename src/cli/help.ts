import { Refusal } from '../model/errors.js'
import { factsOf } from './command-facts.js'
import { commandPage } from './command-page.js'
import { helpTopics, topicPage } from './help-topics.js'
import { nearest } from './near.js'
import type { Page } from './page.js'
import { renderPage } from './page-text.js'
import { findCommand, unknownCommand, type CommandTable } from './router.js'
import { outWidth, streams, writeOut } from './streams.js'
import { overviewPage, topicHelpPage } from './topic-page.js'
import { commandsOf, shownIds, topicsOf } from './topics.js'

/** Cells of a line where there is no terminal. */
const plainWidth = 80

/** Prints help: of everything, of a topic, of one command, or a help topic; `leading` are flags before the words. @throws Refusal usage.command */
export async function showHelp(table: CommandTable, words: readonly string[], leading: readonly string[]): Promise<number> {
  const page = await findPage(table, namedIn(words))
  await writeOut(renderPage(page, outWidth() ?? plainWidth, await emphasis([...leading, ...words])))
  return 0
}

/** The words that help is wanted on: not flags, nor what follows the first of them behind a word. */
function namedIn(words: readonly string[]): string[] {
  const named: string[] = []
  for (const word of words) {
    if (!word.startsWith('-')) named.push(word)
    else if (named.length > 0) break
  }
  return named
}

async function findPage(table: CommandTable, words: readonly string[]): Promise<Page> {
  const ids = shownIds(table)
  const [first, second] = words
  if (first === undefined) return overviewPage(ids)
  if (Object.hasOwn(helpTopics, first)) return topicPage(first)
  const id = findCommand(table, words)
  if (id !== null) return commandPage(await factsOf(table, id), await commandsUnder(table, id))
  const topic = [`${first} ${second}`, ...(second === undefined ? [first] : [])].find(one => ids.some(each => each.startsWith(`${one} `)))
  if (topic !== undefined) return topicHelpPage(table, topic)
  throw unknownPage(table, words)
}

/** Commands whose words begin with those of another: `sim fault list` under `sim fault`. */
async function commandsUnder(table: CommandTable, id: string): Promise<[string, string][]> {
  return Promise.all(commandsOf(shownIds(table), id).filter(other => other !== id).map(async other => [`ovmcli ${other}`, (await factsOf(table, other)).summary]))
}

/** What to say of words that are neither a command nor a page, with the nearest that is one. */
export function unknownPage(table: CommandTable, words: readonly string[]): Refusal {
  const pages = Object.keys(helpTopics)
  const near = nearest(words[0]!, [...topicsOf(shownIds(table)), ...pages])
  const unknown = unknownCommand(table, words)
  return near !== null && pages.includes(near) ? new Refusal(unknown.code, unknown.message, `did you mean: ovmcli help ${near}`) : unknown
}

/** How titles are set off: bold, where a terminal shows it and nobody minds. */
async function emphasis(words: readonly string[]): Promise<(title: string) => string> {
  if (!streams().outIsTerminal || process.env['NO_COLOR'] || process.env['OVMCLI_NO_COLOR'] || words.includes('--no-color')) return title => title
  const { default: chalk } = await import('chalk')
  return title => chalk.bold(title)
}
