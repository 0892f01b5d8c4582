import { factsOf } from '../../src/cli/command-facts.js'
import { commandPage, exampleBlocks } from '../../src/cli/command-page.js'
import { environment, files as filesRead } from '../../src/cli/environment.js'
import { helpTopics, topicPage } from '../../src/cli/help-topics.js'
import type { Block, Page, Section } from '../../src/cli/page.js'
import type { CommandTable } from '../../src/cli/router.js'
import { commandsOf, shownIds, topics, topicsOf } from '../../src/cli/topics.js'
import type { CommandFacts } from '../../src/contract/shapes/command.js'
import { operationRow, runOperations } from '../../src/model/operations.js'
import type { Concern } from '../../src/model/operations/row.js'
import { permissions, permissionTable, roles, type Permission, type Reach } from '../../src/model/permissions.js'

const written = '<!-- Written by npm run docs from the commands and tables of the code: do not edit. -->\n'

/** The files under docs/reference, by path: one a topic, one a help topic, permissions, and an index. */
export async function referenceFiles(table: CommandTable): Promise<Map<string, string>> {
  const ids = shownIds(table)
  const files = new Map<string, string>()
  const add = (name: string, text: string) => files.set(`docs/reference/${name}.md`, `${written}${text}`)
  const globals = (await factsOf(table, ids[0]!)).flags.filter(flag => flag.global)
  for (const topic of topicsOf(ids)) {
    const commands = await Promise.all(commandsOf(ids, topic).map(id => factsOf(table, id)))
    add(topic, `# ovmcli ${topic}\n\n${sentence(topics[topic] ?? commands[0]!.summary)}\n\n${commands.length > 1 ? `${commands.map(command => `- [${command.id}](#${anchor(command.id)}): ${markdown(command.summary)}`).join('\n')}\n\n` : ''}${commands.map(commandText).join('\n')}`)
  }
  const globalFlagsPage = commandPage({ ...(await factsOf(table, ids[0]!)), flags: globals }).sections.filter(section => section.title === 'GLOBAL FLAGS')
  add('global-flags', `# Flags of every command\n\nThey may stand before the topic too.\n\n${sectionsText(globalFlagsPage, 2)}\n## Environment\n\n${blockText({ rows: environment })}\n## Files\n\n${blockText({ rows: filesRead })}`)
  for (const name of Object.keys(helpTopics)) add(`help-${name}`, pageText(topicPage(name)))
  files.set('docs/permissions.md', `${written}${permissionText()}`)
  add('README', `# Reference of ovmcli

Every command, flag and table, written from the code that uses them. The same stands in \`ovmcli TOPIC VERB --help\`, in the man pages and in \`ovmcli commands --json\`; the JSON of every command has a schema in [docs/schema](../schema).

## Topics

${blockText({ rows: topicsOf(ids).map(topic => [`[${topic}](${topic}.md)`, topics[topic] ?? '']) }, true)}
## And

- [flags of every command](global-flags.md), environment, files
${Object.entries(helpTopics).map(([name, { summary }]) => `- [${name}](help-${name}.md): ${markdown(summary)}`).join('\n')}
- [permissions](../permissions.md): what each role may do
`)
  return files
}

function commandText(facts: CommandFacts): string {
  const page = commandPage({ ...facts, flags: facts.flags.filter(flag => !flag.global), examples: [] })
  const inside = page.sections.filter(section => !['USAGE', 'DESCRIPTION'].includes(section.title))
  const description = page.sections.find(section => section.title === 'DESCRIPTION')?.blocks ?? []
  const notes = [
    facts.acts ? 'It changes something.' : 'It changes nothing.', facts.output === null ? null : `JSON${facts.lines ? ' lines' : ''}: [${facts.output}.json](../schema/${facts.output}.json).`,
    facts.aliases.length > 0 ? `Also: ${facts.aliases.map(alias => `\`${alias}\``).join(', ')}.` : null, 'It takes the [flags of every command](global-flags.md) too.',
  ]
  return `## ${facts.id}\n\n${code(facts.usage)}\n${description.map(block => blockText(block)).join('\n')}\n${notes.filter(note => note !== null).join(' ')}\n\n${sectionsText(inside, 3)}\n### Examples\n\n${exampleBlocks(facts).map(block => blockText(block)).join('\n')}`
}

function pageText(page: Page): string {
  return `# ovmcli help ${page.name}\n\n${sentence(page.summary)}\n\n${sectionsText(page.sections, 2)}`
}

function sectionsText(sections: readonly Section[], level: number): string {
  return sections.map(({ title, blocks }) => `${'#'.repeat(level)} ${title.charAt(0)}${title.slice(1).toLowerCase()}\n\n${blocks.map(block => blockText(block)).join('\n')}`).join('\n')
}

/** A block as Markdown. @param raw its cells are Markdown already */
function blockText(block: Block, raw = false): string {
  if ('text' in block) return `${markdown(block.text)}\n`
  if ('commands' in block) return block.commands.map(({ description, command }) => `${description === null ? '' : `${markdown(description)}:\n\n`}${code(command)}`).join('\n')
  const [first] = block.rows
  const head = block.head ?? (first ?? []).map(() => '')
  const cellText = (text: string, at: number, row: readonly string[]) => raw ? text : at < row.length - 1 ? `\`${text.trim().replaceAll('|', '\\|')}\`` : markdown(text).replaceAll('|', '\\|')
  return `${[head, head.map(() => '---'), ...block.rows.map(row => row.map((text, at) => cellText(text, at, row)))].map(row => `| ${row.join(' | ')} |`).join('\n')}\n`
}

function permissionText(): string {
  const word: Record<Reach, string> = { none: 'no', own: 'own', granted: 'granted', all: 'yes' }
  const table = (of: readonly Permission[]) => [['permission', ...roles], ['---', ...roles.map(() => '---')], ...of.map(permission => [`\`${permission}\``, ...roles.map(role => word[permissionTable[role][permission]])])].map(row => `| ${row.join(' | ')} |`).join('\n')
  const looks = permissions.filter(permission => permission.endsWith('.look'))
  const concerning = (...concerns: Concern[]) => runOperations.filter(operation => concerns.includes(operationRow(operation).concerns))
  return `# Permissions

What each role may do, as the manager checks it on every call: one table, \`src/model/permissions.ts\`, from which this page is written.

- \`yes\`: everything.
- \`granted\`: what is in the pools granted to the manager; of guests also his own.
- \`own\`: guests that the user owns, or that are shared with a group of his; of people himself, and to look at also his groups; of runs, jobs and events his own.
- \`no\`: nothing, exit code 4 (\`auth.denied\`) before any target is looked up.

What somebody may not see does not exist for him (exit code 3); what he may see and not act on is refused (4). Pools, servers, repositories, templates, images, ISOs and shared disks are visible to all. Public guests are there for everybody, to look at and to clone. \`ovmcli can-i VERB TOPIC [NAME]\` asks for a user and an object.

Who is locked is refused everywhere (\`auth.locked\`); who has a password has to give it (\`auth.password\`). Whatever the table says, the last active administrator can be neither deleted nor demoted nor locked (\`user.last-admin\`), and nobody deletes or locks himself (\`user.self\`). Every refusal is an event of severity warning: \`ovmcli event list --filter 'kind~^auth'\`.

## To look

${table(looks)}

## Guests

${table(concerning('guests'))}

## Servers, pools and what is in them

${table(concerning('pools'))}

## People

${table(concerning('people', 'himself'))}

## The farm itself

Which pools it has; \`farm.manage\` is to delete or replace a simulated farm, and to wish faults on it.

${table([...concerning('farm'), 'farm.manage'])}
`
}

function sentence(text: string): string {
  return `${markdown(text.charAt(0).toUpperCase() + text.slice(1))}.`
}

/** A text with what Markdown would take for its own made plain, and nothing else: `NO_COLOR` and `~/.config` stay readable. */
function markdown(text: string): string {
  return text.replace(/[\\`*<[\]]|(?<!\w)_|_(?!\w)|~~/g, '\\$&').replaceAll('\n', '  \n')
}

function code(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\`\n`
}

function anchor(id: string): string {
  return id.replaceAll(' ', '-')
}
