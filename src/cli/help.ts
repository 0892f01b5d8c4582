import { Config } from '@oclif/core/config'
import type { Command } from '@oclif/core/command'
import { CommandHelp } from '@oclif/core/help'
import { Refusal } from '../model/errors.js'
import { globalFlags } from './global-flags.js'
import { helpTopics } from './help-topics.js'
import { findCommand, type CommandTable } from './router.js'
import { writeOut } from './streams.js'

/** Prints help: of everything, of a topic, of one command, or a help topic. */
export async function showHelp(table: CommandTable, words: readonly string[], version: string): Promise<number> {
  const [first] = words
  if (first !== undefined && Object.hasOwn(helpTopics, first)) {
    await writeOut(helpTopics[first]!())
    return 0
  }
  const id = findCommand(table, words)
  if (id !== null) await writeOut(`${await commandHelp(table, id, version)}\n`)
  else await writeOut(await overview(table, words))
  return 0
}

async function load(table: CommandTable, id: string): Promise<typeof Command> {
  const { default: found } = (await table[id]!()) as { default: typeof Command }
  return found
}

async function commandHelp(table: CommandTable, id: string, version: string): Promise<string> {
  const found = await load(table, id)
  const pjson = { name: 'ovmcli', version, oclif: { bin: 'ovmcli', topicSeparator: ' ' } }
  const config = new Config({ root: process.cwd(), pjson: pjson as never })
  Object.assign(config, { bin: 'ovmcli', name: 'ovmcli', version, topicSeparator: ' ', pjson })
  const all = Object.entries({ ...globalFlags, ...found.flags }).map(([name, flag]) => [name, { ...flag, name }] as const)
  // Those with a letter first: oclif sets the first line of a list flush left.
  const flags = Object.fromEntries([...all.filter(([, flag]) => flag.char), ...all.filter(([, flag]) => !flag.char)])
  const help = new CommandHelp({ ...found, id, summary: found.summary, description: found.description, examples: found.examples, usage: found.usage, args: found.args, flags, aliases: [], strict: found.strict, hiddenAliases: [], load: async () => found } as never, config, { maxWidth: Math.min(100, process.stdout.columns || 100), stripAnsi: true, flagSortOrder: 'none' } as never)
  return help.generate()
}

async function overview(table: CommandTable, words: readonly string[]): Promise<string> {
  const [topic] = words
  const ids = Object.keys(table).filter(id => topic === undefined || id.startsWith(`${topic} `))
  if (ids.length === 0) throw new Refusal('usage.command', `there is no command ${JSON.stringify(words.join(' ').slice(0, 80))}`, 'ovmcli --help lists them all')
  const rows = await Promise.all(ids.map(async id => `  ${id.padEnd(20)} ${(await load(table, id)).summary ?? ''}\n`))
  const head = topic === undefined ? 'ovmcli runs a farm of virtual machines: guests, servers, server pools.\n\n' : ''
  return `${head}USAGE\n  ovmcli TOPIC VERB [NAME...] [flags]\n\nCOMMANDS\n${rows.join('')}\nMore: ovmcli TOPIC VERB --help; ovmcli help ${Object.keys(helpTopics).join('|')}\n`
}
