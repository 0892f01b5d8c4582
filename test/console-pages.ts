import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Session } from './session.js'

const bin = fileURLToPath(new URL('../bin/run.js', import.meta.url))

/** Tools that pages may use and that are not on every machine. */
const rareTools = ['jq', 'xargs']

/** A page that was played: its text, the text with what was really printed in place of what it shows, and the home it was played on. */
export interface Played {
  page: string
  actual: string
  /** Commands that failed, have nothing to show for it, and whose exit code the next one does not look at. */
  silent: string[]
  farm: Session
}

/** The text of a file of the checkout. */
export function textOf(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
}

/** The fenced blocks of a page in a language. */
export function blocksOf(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(match => match[1]!)
}

/** Whether this machine lacks bash, or a tool that these lines use; says so, and of what test. */
export function lacksTools(test: string, lines: string): boolean {
  const used = rareTools.filter(tool => new RegExp(`(^|[|;&(]) *(\\$ )?${tool}\\b`, 'm').test(lines))
  const missing = ['bash', ...used].filter(tool => spawnSync(tool, ['--version']).error !== undefined)
  if (missing.length > 0) console.warn(`${test} is not tested: there is no ${missing.join(' and no ')} on this machine`)
  return missing.length > 0
}

/** Environment for a shell: `ovmcli` on the path is the built binary, the home and its temporary files are the session's. */
export function shellEnv(farm: Session, more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const folder = join(farm.home, 'bin')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'ovmcli'), `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`, { mode: 0o755 })
  return farm.env({ PATH: `${folder}:${process.env['PATH']}`, TMPDIR: farm.home, LC_ALL: 'C', ...more })
}

/**
 * Runs every ```console block of a page, in order, in one bash on a home of its own, as somebody would who follows it:
 * variables, files and `$?` of one command are there for the next. `$ ` begins a command, `> ` goes on with it; what
 * follows is compared with stdout alone.
 */
export function playPage(path: string): Played {
  const page = textOf(path)
  const farm = new Session()
  const commands = blocksOf(page, 'console').flatMap(commandsOf)
  const ends = runInOneShell(farm, commands.map(({ command }) => command))
  let next = 0
  const actual = page.replace(/(?<=^```console\n).*?(?=^```)/gms, block => commandsOf(block).map(({ typed, after }) => {
    const stdout = ends[next++]!.stdout.trimEnd()
    return typed + (stdout === '' ? '' : `${stdout}\n`) + after
  }).join(''))
  const silent = commands.filter((_, at) => ends[at]!.exit !== 0 && ends[at]!.stdout === '' && !commands[at + 1]?.command.includes('$?')).map(({ command }) => command)
  return { page, actual, silent, farm }
}

interface ShownCommand {
  command: string
  /** The lines as they stand on the page, prompts and all. */
  typed: string
  /** Blank lines that follow what is shown. */
  after: string
}

function commandsOf(block: string): ShownCommand[] {
  return block.split(/^(?=\$ )/m).map(text => {
    const [, typed, , after] = /^(\$ .*\n(?:> .*\n)*)((?:.*\S.*\n|\n+(?=.*\S))*)(\n*)$/.exec(text) ?? []
    if (typed === undefined) throw new Error(`a console block begins with a command, and not with ${JSON.stringify(text.slice(0, 80))}`)
    return { command: typed.replace(/^[$>] /gm, ''), typed, after: after! }
  })
}

/** What each of several commands printed and how it ended, when they are typed into one shell. */
function runInOneShell(farm: Session, commands: string[]): { stdout: string; exit: number }[] {
  const mark = '\u001e'
  // Each is parsed on its own, and the exit code of one is `$?` for the next.
  const script = commands.map(command => `eval '${command.replaceAll("'", `'\\''`)}'; shown=$?; printf '${mark}%s${mark}' "$shown"; (exit "$shown")\n`).join('')
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { env: shellEnv(farm), cwd: farm.home, encoding: 'utf8', input: '', timeout: 110_000, maxBuffer: 1 << 26 })
  const parts = stdout.split(mark)
  if (parts.length !== 2 * commands.length + 1) throw new Error(`the shell ended after ${Math.floor(parts.length / 2)} of ${commands.length} commands: ${stderr}`)
  return commands.map((_, at) => ({ stdout: parts[2 * at]!, exit: Number(parts[2 * at + 1]) }))
}
