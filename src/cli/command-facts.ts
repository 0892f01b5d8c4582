import type { CommandFacts, FlagFacts } from '../contract/shapes/command.js'
import type { OutputName } from '../contract/shapes/outputs.js'
import { topicAliases, verbAliases } from './aliases.js'
import { globalFlags } from './global-flags.js'
import type { CommandTable } from './router.js'

/** What is read of a flag of oclif's. */
interface FlagStatics {
  type: 'option' | 'boolean'; char?: string; description?: string; summary?: string; options?: readonly string[]; default?: unknown; required?: boolean; multiple?: boolean
  env?: string; helpGroup?: string; helpValue?: string | readonly string[]; hidden?: boolean
}

/** What is read of a command's class. */
export interface CommandStatics {
  summary?: string; description?: string; usage?: string | readonly string[]; examples?: readonly (string | { description?: string; command: string })[]; strict?: boolean; hidden?: boolean
  flags?: Record<string, FlagStatics>; output: OutputName | null; acts: boolean; exampleFarm: readonly string[]
}

/** All that is said of a command anywhere — help, man page, reference, `commands` — read from its class. */
export async function factsOf(table: CommandTable, id: string): Promise<CommandFacts> {
  return describe(id, await staticsOf(table, id))
}

/** The class of a command, as far as it describes itself. */
export async function staticsOf(table: CommandTable, id: string): Promise<CommandStatics> {
  const { default: found } = (await table[id]!()) as { default: CommandStatics }
  return found
}

function describe(id: string, statics: CommandStatics): CommandFacts {
  const [topic, ...verb] = id.split(' ')
  const spoken = (text: string) => text.replaceAll('<%= config.bin %>', 'ovmcli').replaceAll('<%= command.id %>', id)
  const usage = [statics.usage ?? '<%= command.id %> [FLAGS]'].flat().map(line => `ovmcli ${spoken(line)}`).join('\n')
  const own = Object.entries(statics.flags ?? {}).filter(([name]) => !Object.hasOwn(globalFlags, name))
  return {
    id, topic: topic!, verb: verb.length > 0 ? verb.join(' ') : null,
    summary: statics.summary ?? '', description: statics.description ?? statics.summary ?? '', usage,
    acts: statics.acts, output: statics.output === null || statics.output === 'none' ? null : schemaName(id), lines: statics.output?.endsWith('/line') ?? false, aliases: aliasesOf(id),
    flags: [...own.map(([name, flag]) => flagFacts(name, flag, false)), ...Object.entries<FlagStatics>(globalFlags).map(([name, flag]) => flagFacts(name, { ...flag, ...statics.flags?.[name] }, true))].filter(flag => flag !== null),
    examples: (statics.examples ?? []).map(example => typeof example === 'string' ? { description: null, command: spoken(example) } : { description: example.description ?? null, command: spoken(example.command) }),
    exampleFarm: [...statics.exampleFarm],
  }
}

/** The name of the schema of a command's JSON: `vm-list` of `vm list`. */
export function schemaName(id: string): string {
  return id.replaceAll(' ', '-')
}

/** A flag, read from its statics; null for a hidden one. */
export function flagFacts(name: string, flag: FlagStatics, global: boolean): FlagFacts | null {
  if (flag.hidden) return null
  const plain = typeof flag.default === 'string' || typeof flag.default === 'number' || typeof flag.default === 'boolean' ? flag.default : null
  return {
    name, char: flag.char ?? null, type: flag.type, value: flag.type === 'boolean' ? null : ([flag.helpValue ?? []].flat().join(' ') || (flag.options ? flag.options.join('|') : 'VALUE')),
    options: flag.options ? [...flag.options] : null, default: plain, required: flag.required ?? false, multiple: flag.multiple ?? false, env: flag.env ?? null,
    group: global ? 'GLOBAL' : (flag.helpGroup ?? null), global, description: flag.description ?? flag.summary ?? '',
  }
}

/** Other words for exactly the same command; those that bring flags along are no mere aliases. */
function aliasesOf(id: string): string[] {
  const [topic, ...verb] = id.split(' ')
  const others = (word: string, table: Readonly<Record<string, string | readonly string[]>>) => Object.entries(table).filter(([, meant]) => [meant].flat().join(' ') === word).map(([alias]) => alias)
  const topicWords = [topic!, ...others(topic!, topicAliases)]
  // Only the word right after the topic is looked up.
  const verbWords = verb.length > 0 ? [verb[0]!, ...others(verb[0]!, verbAliases)] : ['']
  return topicWords.flatMap(first => verbWords.map(second => [first, second, ...verb.slice(1)].filter(word => word !== '').join(' '))).filter(alias => alias !== id)
}
