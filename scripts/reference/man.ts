import { factsOf } from '../../src/cli/command-facts.js'
import { commandPage, exampleBlocks } from '../../src/cli/command-page.js'
import { defaultsText, environment, files } from '../../src/cli/environment.js'
import { helpTopics } from '../../src/cli/help-topics.js'
import { blocksOf, filled, type Block, type Section } from '../../src/cli/page.js'
import type { CommandTable } from '../../src/cli/router.js'
import { overviewPage } from '../../src/cli/topic-page.js'
import { commandsOf, shownIds, topics, topicsOf } from '../../src/cli/topics.js'
import type { CommandFacts } from '../../src/contract/shapes/command.js'
import { exitCodes } from '../../src/model/exit-codes.js'
import { manPage } from './roff.js'

/** Exit codes of commands that only look. */
const lookingExits = ['0', '1', '2', '3', '4', '8', '130', '143']

/** The files under man/, by path: ovmcli.1, and one a command. */
export async function manFiles(table: CommandTable, version: string): Promise<Map<string, string>> {
  const ids = shownIds(table)
  const pages = new Map<string, string>()
  const add = (name: string, sections: readonly Section[]) => pages.set(`man/${name}.1`, manPage(name, version, sections))
  const all = await Promise.all(ids.map(id => factsOf(table, id)))
  add('ovmcli', wholeSections(ids, all))
  for (const facts of all) add(nameOf(facts.id), commandSections(facts, ids))
  return pages
}

function nameOf(id: string): string {
  return `ovmcli-${id.replaceAll(' ', '-')}`
}

function wholeSections(ids: readonly string[], all: readonly CommandFacts[]): Section[] {
  const { summary } = overviewPage(ids)
  const globals = all[0]!.flags.filter(flag => flag.global)
  const verbs = (topic: string): Block => ({ rows: commandsOf(ids, topic).map(id => [id, all.find(facts => facts.id === id)!.summary]) })
  return filled([
    { title: 'NAME', blocks: [{ text: `ovmcli - ${summary}` }] },
    { title: 'SYNOPSIS', blocks: [{ text: 'ovmcli TOPIC VERB [NAME...] [FLAGS]' }] },
    { title: 'DESCRIPTION', blocks: [{ text: `ovmcli ${summary}. It does so for one guest or for ten thousand, from a terminal, from cron and from CI. Each command has a page of its own, such as ovmcli-vm-start(1).` }, ...topicsOf(ids).flatMap(topic => [{ text: `${topic}: ${topics[topic] ?? ''}` }, verbs(topic)])] },
    { title: 'OPTIONS', blocks: commandPage({ ...all[0]!, flags: globals }).sections.find(section => section.title === 'GLOBAL FLAGS')!.blocks },
    { title: 'EXAMPLES', blocks: [{ commands: [{ description: 'A simulated farm to try everything on', command: 'ovmcli sim create --preset figure-8' }] }, ...overviewPage(ids).sections.find(section => section.title === 'EXAMPLES')!.blocks] },
    ...Object.keys(helpTopics).filter(name => name !== 'exit-codes').map(name => ({ title: name.toUpperCase(), blocks: helpTopics[name]!.sections().flatMap(section => section.blocks) })),
    ...closing(Object.keys(exitCodes), []),
    { title: 'SEE ALSO', blocks: [{ text: ids.map(id => `${nameOf(id)}(1)`).join(', ') }] },
  ])
}

function commandSections(facts: CommandFacts, ids: readonly string[]): Section[] {
  const page = commandPage({ ...facts, examples: [] })
  const options = page.sections.filter(section => section.title === 'FLAGS' || section.title.endsWith(' FLAGS'))
  const exits = facts.acts || facts.output === 'vm-wait' || facts.output === 'run-show' ? Object.keys(exitCodes) : lookingExits
  const near = commandsOf(ids, facts.topic).filter(id => id !== facts.id)
  return filled([
    { title: 'NAME', blocks: [{ text: `${nameOf(facts.id)} - ${facts.summary}` }] },
    { title: 'SYNOPSIS', blocks: [{ text: facts.usage }] },
    { title: 'DESCRIPTION', blocks: blocksOf(facts.description) },
    { title: 'OPTIONS', blocks: options.flatMap(({ title, blocks }) => [...(options.length > 1 ? [{ text: title === 'FLAGS' ? 'Its own:' : `${title.charAt(0)}${title.slice(1).toLowerCase()}:` }] : []), ...blocks]) },
    { title: 'EXAMPLES', blocks: exampleBlocks(facts) },
    ...closing(exits, facts.output === null ? [] : [{ text: `${facts.lines ? 'Each line of its JSON' : 'Its JSON'} has the schema docs/schema/${facts.output}.json.` }]),
    { title: 'SEE ALSO', blocks: [{ text: ['ovmcli(1)', ...near.map(id => `${nameOf(id)}(1)`)].join(', ') }] },
  ])
}

function closing(exits: readonly string[], output: readonly Block[]): Section[] {
  const byCode = Object.entries(exitCodes)
  return filled([
    { title: 'OUTPUT', blocks: output },
    { title: 'EXIT STATUS', blocks: [{ rows: byCode.filter(([code]) => exits.includes(code)) }] },
    { title: 'ENVIRONMENT', blocks: [{ rows: environment }, { text: defaultsText }] },
    { title: 'FILES', blocks: [{ rows: files }] },
  ])
}
