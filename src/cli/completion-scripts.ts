import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Create from '@oclif/plugin-autocomplete/lib/commands/autocomplete/create.js'
import ZshCompWithSpaces from '@oclif/plugin-autocomplete/lib/autocomplete/zsh.js'
import { staticsOf } from './command-facts.js'
import { bashQuoted, bashWrapper } from './completion-bash.js'
import { scriptStamp } from './completion-stamp.js'
import { zshPluginName, zshScript } from './completion-zsh.js'
import { fileReason } from '../disk/file-reason.js'
import { globalFlags } from './global-flags.js'
import { openNewFile } from './new-file.js'
import { cacheFolder } from './places.js'
import { Refusal } from './refusal.js'
import { shownIds, topics } from './topics.js'
import { program } from './program.js'

/** The shells that completion is there for. */
export const shells = ['bash', 'zsh'] as const
/** A shell. */
export type Shell = (typeof shells)[number]

/** What a script has to know: how the program is started, what it was made from, and commands that stand without a verb. */
export interface ScriptFacts { program: readonly string[]; stamp: string; lone: readonly string[] }

/** What oclif's plug-in generates; its own types call it private. */
interface PluginScripts { bashCompletionFunction: string; bashCompletionFunctionPath: string; bashSetupScriptPath: string; zshCompletionFunctionPath: string; zshSetupScriptPath: string; zshFunctionsDir: string }

type PluginConfig = ConstructorParameters<typeof Create>[1]

/** The line that a shell is to run when it starts, by shell. */
export function setupLine(shell: Shell): string {
  const variable = `OVMCLI_AC_${shell.toUpperCase()}_SETUP_PATH`
  return `${variable}=${bashQuoted(setupPath(shell))} && test -f "$${variable}" && source "$${variable}"; # ovmcli autocomplete setup`
}

/** The file that sets completion up in a shell. */
export function setupPath(shell: Shell): string {
  return join(cacheFolder(), 'autocomplete', `${shell}_setup`)
}

/** Makes the scripts anew. @throws Refusal cache.write */
export async function makeScripts(): Promise<void> {
  const commands = await commandsForPlugin()
  const known: ScriptFacts = { program: started(), stamp: scriptStamp(), lone: commands.map(command => command.id).filter(id => !id.includes(':')) }
  const plugin = new Create([], configOf('ovmcli', ['ovm'], commands)) as unknown as PluginScripts
  const zsh = new ZshCompWithSpaces(configOf(zshPluginName, undefined, commands)).generate()
  await write(plugin.bashCompletionFunctionPath, `${plugin.bashCompletionFunction.replace(/^#!.*\n/, '')}${bashWrapper(known)}`)
  await write(plugin.bashSetupScriptPath, `OVMCLI_AC_BASH_COMPFUNC_PATH=${bashQuoted(plugin.bashCompletionFunctionPath)} && test -f "$OVMCLI_AC_BASH_COMPFUNC_PATH" && source "$OVMCLI_AC_BASH_COMPFUNC_PATH";\n`)
  await write(plugin.zshCompletionFunctionPath, zshScript(zsh, known))
  await write(plugin.zshSetupScriptPath, `OVMCLI_AC_ZSH_COMPFUNC_PATH=${bashQuoted(plugin.zshCompletionFunctionPath)}
fpath=(${bashQuoted(plugin.zshFunctionsDir)} $fpath)
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
autoload -Uz _ovmcli && compdef _ovmcli ovmcli ovm
`)
}

/** How this program is started: by which Node, from which file. */
function started(): string[] {
  return [process.execPath, process.argv[1] ?? '']
}

/** Makes the scripts when they are missing, or were made by another version. @throws Refusal cache.write */
export async function keepScripts(): Promise<void> {
  if (!shells.every(shell => isCurrent(shell))) await makeScripts()
}

/** Makes the scripts anew for whoever cannot be told why not; whether they were. */
export async function refreshScripts(): Promise<boolean> {
  try {
    await makeScripts()
    return true
  } catch {
    return false
  }
}

function isCurrent(shell: Shell): boolean {
  const script = join(cacheFolder(), 'autocomplete', 'functions', shell, shell === 'bash' ? 'ovmcli.bash' : '_ovmcli')
  if (!existsSync(script) || !existsSync(setupPath(shell))) return false
  const text = readFileSync(script, 'utf8')
  return text.includes(`\n# ${scriptStamp()}\n`) && text.includes(started().map(bashQuoted).join(' '))
}

/** The commands as oclif's plug-ins name them, with their flags. */
async function commandsForPlugin() {
  const { table } = program()
  const commands = await Promise.all(shownIds(table).map(async id => {
    const { summary = '', flags = {} } = await staticsOf(table, id)
    const all = Object.entries({ ...globalFlags, ...flags }).map(([name, flag]) => [name, { ...flag, name, description: inQuotes(flag.description ?? '') }] as const)
    return { id: id.replaceAll(' ', ':'), summary: inQuotes(summary), aliases: [], flags: Object.fromEntries(all) }
  }))
  return [...commands, { id: 'help', summary: 'help on a command or a topic', aliases: [], flags: {} }]
}

/** A Config as far as the plug-in reads it; every command, and all above it, is a topic. */
function configOf(bin: string, binAliases: string[] | undefined, commands: Awaited<ReturnType<typeof commandsForPlugin>>): PluginConfig {
  const all = new Map<string, { name: string; description: string | undefined }>()
  for (const { id, summary } of commands) {
    const words = id.split(':')
    for (let length = words.length; length > 0; length--) {
      const name = words.slice(0, length).join(':')
      if (!all.has(name)) all.set(name, { name, description: Object.hasOwn(topics, name) ? topics[name] : name === id ? summary : undefined })
    }
  }
  return { bin, binAliases, topicSeparator: ' ', cacheDir: cacheFolder(), topics: [...all.values()], getPluginsList: () => [{ commands }] } as unknown as PluginConfig
}

/** The plug-in puts texts between double quotes, and minds all that is special there but these. */
function inQuotes(text: string): string {
  return text.replace(/[\\$]/g, '\\$&')
}

async function write(path: string, text: string): Promise<void> {
  try {
    makeFolder(dirname(path))
    await openNewFile(path).write(text)
  } catch (error) {
    throw new Refusal('cache.write', `cannot write ${path}: ${error instanceof Error ? fileReason(error) : String(error)}`, 'set XDG_CACHE_HOME to a folder that you may write to')
  }
}

/** Not Node's own `recursive`, which tries for ever where a file system denies a folder with ENOENT (/proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder))
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 })
}
