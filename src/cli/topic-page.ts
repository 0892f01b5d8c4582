import { fieldsOf, recordKinds, type RecordKind } from '../contract/fields.js'
import { serverTransitions } from '../model/server-states.js'
import { vmTransitions } from '../model/vm-states.js'
import { factsOf } from './command-facts.js'
import { helpTopics } from './help-topics.js'
import { filled, type Page, type Section } from './page.js'
import type { CommandTable } from './router.js'
import { commandsOf, shownIds, topics, topicsOf } from './topics.js'

/** What `ovmcli --help` shows: the topics with their verbs, and where to read on. */
export function overviewPage(ids: readonly string[]): Page {
  const all = topicsOf(ids)
  const verbs = (topic: string) => commandsOf(ids, topic).filter(id => id !== topic).map(id => id.slice(topic.length + 1))
  const withVerbs = all.filter(topic => verbs(topic).length > 0)
  return {
    name: 'ovmcli', summary: 'runs a farm of virtual machines: guests, servers, server pools',
    sections: filled([
      { title: 'USAGE', blocks: [{ text: 'ovmcli TOPIC VERB [NAME...] [FLAGS]' }] },
      { title: 'TOPICS', blocks: [{ rows: withVerbs.map(topic => [topic, `${topics[topic] ?? ''}\n${[...new Set(verbs(topic).map(verb => verb.split(' ')[0]!))].join(' ')}`]) }] },
      { title: 'COMMANDS', blocks: rowsOf(all.filter(topic => !withVerbs.includes(topic)).map(topic => [topic, topics[topic] ?? ''])) },
      { title: 'HELP', blocks: [{ rows: [
        ['ovmcli TOPIC --help', 'a topic and its verbs'], ['ovmcli TOPIC VERB --help', 'a command, its flags, examples'],
        ...Object.entries(helpTopics).map(([name, { summary }]) => [`ovmcli help ${name}`, summary] as const),
      ] }] },
      { title: 'EXAMPLES', blocks: [
        { commands: [{ description: 'Start the guests of a pool, and look', command: 'ovmcli vm start --pool pool1 && ovmcli vm list' }] },
        { commands: [{ description: 'What became of it, for a script', command: "ovmcli vm list -o json --query '[].{name: name, state: state}'" }] },
      ] },
    ]),
  }
}

const rowsOf = (rows: readonly (readonly string[])[]) => (rows.length > 0 ? [{ rows }] : [])

/** What `ovmcli TOPIC --help` shows: what it is about, its verbs, states and fields. `topic` may be two words, such as `vm nic`. */
export async function topicHelpPage(table: CommandTable, topic: string): Promise<Page> {
  const ids = commandsOf(shownIds(table), topic).filter(id => id !== topic)
  const facts = await Promise.all(ids.map(id => factsOf(table, id)))
  return {
    name: topic, summary: topics[topic] ?? `more commands of ${topic.split(' ')[0]}`,
    sections: filled([
      { title: 'USAGE', blocks: [{ text: `ovmcli ${topic} VERB [NAME...] [FLAGS]` }] },
      { title: 'VERBS', blocks: [{ rows: facts.map(command => [command.id.slice(topic.length + 1), command.summary]) }] },
      statesSection(topic),
      { title: 'FIELDS', blocks: recordKinds.includes(topic as RecordKind) ? [{ text: Object.keys(fieldsOf(topic as RecordKind)).join(' ') }] : [] },
      { title: 'MORE', blocks: [{ text: `ovmcli ${topic} VERB --help tells of a verb, its flags, with examples.` }] },
    ]),
  }
}

/** Which states a verb can start in, from the tables that the manager admits by. */
function statesSection(topic: string): Section | null {
  const rows = topic === 'vm' ? Object.entries(vmTransitions).map(([verb, { from, already, forcedFrom }]) => [verb, statesOf(from, already, forcedFrom)])
    : topic === 'server' ? Object.entries(serverTransitions).map(([verb, { from, already }]) => [verb, statesOf(from, already, [])]) : []
  return rows.length === 0 ? null : { title: 'STATES', blocks: [{ text: 'In which states a verb does something, and in which there is nothing to do.' }, { rows }] }
}

function statesOf(from: readonly string[], already: readonly string[], forced: readonly string[]): string {
  // A guest can be asked for everything in more than half of its states only where any will do.
  const parts = [from.length > 10 ? 'any state' : from.join(', '), forced.length > 0 ? `with --force also ${forced.join(', ')}` : null, already.length > 0 ? `nothing to do: ${already.join(', ')}` : null]
  return parts.filter(part => part !== null).join('; ')
}
