import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { parse } from 'yaml'
import { staticsOf } from '../../src/cli/command-facts.js'
import { helpTopics, topicFarm } from '../../src/cli/help-topics.js'
import { overviewPage } from '../../src/cli/topic-page.js'
import { hiddenCommands } from '../../src/cli/topics.js'
import { commandTable } from '../../src/command-table.js'
import type { Block } from '../../src/cli/page.js'
import type { CommandFacts } from '../../src/contract/shapes/command.js'
import { runHere, wantsShell, wordsOf } from '../in-process.js'
import { isRemote, remoteEnv, stopServing } from '../remote-farm.js'
import { ServedFarm } from '../served-manager.js'
import { Session, type Ended } from '../session.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const base = mkdtempSync(join(tmpdir(), 'ovmcli-examples-'))
afterAll(() => { rmSync(base, { recursive: true, force: true }) })
mkdirSync(join(base, 'bin'))
symlinkSync(join(root, 'bin', 'run.js'), join(base, 'bin', 'ovmcli'))

const figure8 = join(new Session('figure-8').home, 'ovm')
const made = new Map<string, string>()
let copies = 0

/** A home with a farm figure-8 on which some commands were run; made once, then copied. */
async function farmAfter(commands: readonly string[]): Promise<string> {
  const key = commands.join('\n')
  if (!made.has(key)) {
    const home = join(base, `made-${made.size}`)
    cpSync(figure8, home, { recursive: true })
    for (const command of commands) {
      const ended = await runHere(home, wordsOf(command))
      // Some are to leave something undone or unknown, that the examples are about.
      if (![0, 6, 7].includes(ended.exit!)) throw new Error(`ovmcli ${command} ended with ${ended.exit}: ${ended.stderr}`)
    }
    made.set(key, home)
    if (isRemote) stopServing(home)
  }
  const copy = join(base, `farm-${copies++}`)
  cpSync(made.get(key)!, copy, { recursive: true })
  return copy
}

/** Runs a line as somebody would who pasted it: by a shell where it takes one, or else in this process, which is as good and cheaper. */
async function paste(home: string, line: string): Promise<Ended> {
  if (!wantsShell(line)) return runHere(home, wordsOf(line).slice(1))
  const env = { PATH: `${join(base, 'bin')}:${process.env['PATH']}`, HOME: home, OVMCLI_HOME: home, ...remoteEnv(inject('remoteCommand')) }
  const { stdout, stderr, status } = spawnSync('bash', ['-o', 'pipefail', '-c', line], { env, cwd: base, encoding: 'utf8', input: '' })
  return { stdout, stderr, exit: status }
}

let served: ServedFarm | null = null

/** A home for the examples of a command, and what stands for the manager that they name: one that is really served, with a profile of it. */
async function homeFor(facts: CommandFacts): Promise<{ home: string; place: (command: string) => string }> {
  const home = await farmAfter(facts.exampleFarm)
  if (facts.topic !== 'profile') return { home, place: command => command }
  if (!served) {
    served = new ServedFarm('figure-8')
    await served.serve()
  }
  const { url, passwordFile } = served
  const place = (command: string) => command.replace('https://127.0.0.1:4443', url).replace('secret.txt', passwordFile)
  const added = await runHere(home, wordsOf(place('profile add work --manager https://127.0.0.1:4443 --password-file secret.txt --trust-on-first-use')))
  expect(added.exit, added.stderr).toBe(0)
  return { home, place }
}

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/ } })
const schemas = new Map(readdirSync(join(root, 'docs', 'schema')).map(file => [file.replace(/\.json$/, ''), ajv.compile(JSON.parse(readFileSync(join(root, 'docs', 'schema', file), 'utf8')) as object)]))

function valid(schema: string, document: unknown): true | string {
  const check = schemas.get(schema) as ValidateFunction | undefined
  if (!check) return `there is no docs/schema/${schema}.json`
  return check(document) || ajv.errorsText(check.errors?.slice(0, 5))
}

/** An object within a document, to be spoiled. */
function firstObject(document: unknown): Record<string, unknown> | null {
  const found = Array.isArray(document) ? document[0] as unknown : document
  return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : null
}

/** Whether a schema notices what is missing and what is too much. */
function notices(schema: string, document: unknown): boolean {
  const whole = JSON.stringify(document)
  const spoiled = (spoil: (object: Record<string, unknown>) => void) => { const copy = JSON.parse(whole) as unknown; spoil(firstObject(copy)!); return copy }
  return Object.keys(firstObject(document) ?? {}).every(key => valid(schema, spoiled(object => { delete object[key] })) !== true)
    && (firstObject(document) === null || valid(schema, spoiled(object => { object['somethingElse'] = 1 })) !== true)
}

/** Whether what a line prints, with -o json added to it, is all that the command has to say. */
function printsWhole(id: string, line: string): boolean {
  const last = line.replace(/\$\([^)]*\)/g, 'X').replace(/'[^']*'|"[^"]*"/g, 'X').split(/\||&&/).at(-1)!.trim()
  return last.startsWith(`ovmcli ${id}`) && !/ (-o|--columns|--query)( |$)|[<>]/.test(last)
}

const all = JSON.parse((await runHere(figure8, ['commands', '-o', 'json'])).stdout) as CommandFacts[]

describe('every command', () => {
  it('says what it is, how it is used and what it prints, with examples', async () => {
    const statics = await Promise.all(Object.keys(commandTable).map(async id => ({ id, ...await staticsOf(commandTable, id), hidden: (await staticsOf(commandTable, id)).hidden === true })))
    const missing = [...statics.filter(({ id }) => !hiddenCommands.has(id)).filter(({ output }) => output === null).map(({ id }) => `${id}: static output, what its JSON is (src/contract/shapes/outputs.ts)`), ...all.flatMap(facts => [
      ...(facts.summary === '' || facts.summary.length > 70 ? [`${facts.id}: a summary of at most 70 characters`] : []),
      ...(facts.description.length <= facts.summary.length ? [`${facts.id}: a description that says more than the summary`] : []),
      ...(facts.examples.length === 0 ? [`${facts.id}: examples`] : []),
      ...facts.flags.filter(flag => flag.description === '' || flag.value === 'VALUE').map(flag => `${facts.id} --${flag.name}: a description, and a helpValue that says what its value is`),
      ...(facts.usage === `ovmcli ${facts.id} [FLAGS]` && statics.find(({ id }) => id === facts.id)!.strict === false ? [`${facts.id}: a usage, for it takes names`] : []),
    ])]
    expect(missing).toEqual([])
    expect(statics.filter(({ hidden }) => hidden).map(({ id }) => id)).toEqual([...hiddenCommands].filter(id => id in commandTable))
    expect(new Set(all.map(facts => facts.summary)).size, 'no two have the same summary').toBe(all.length)
  })

  it.each(all.map(facts => [facts.id, facts] as const))('%s: its examples work when pasted', async (_, facts) => {
    const { home, place } = await homeFor(facts)
    for (const { command } of facts.examples) {
      const ended = await paste(home, place(command))
      expect(ended.exit, `${command}\n${ended.stdout}${ended.stderr}`).toBe(0)
      expect(ended.stdout, command).not.toContain('\u001b')
    }
  })

  it.each(all.filter(facts => facts.output !== null).map(facts => [facts.id, facts] as const))('%s: its JSON is as its schema says', async (_, facts) => {
    const { home, place } = await homeFor(facts)
    const plain = facts.examples.find(({ command }) => printsWhole(facts.id, command))
    expect(plain, 'an example whose JSON can be looked at: nothing is chosen of its output').toBeDefined()
    const { stdout } = await paste(home, `${place(plain!.command)} -o ${facts.lines ? 'jsonl' : 'json'}`)
    const documents = (facts.lines ? stdout.trimEnd().split('\n') : [stdout]).map(text => JSON.parse(text) as unknown)
    for (const document of documents) {
      expect(valid(facts.output!, document), plain!.command).toBe(true)
      expect(notices(facts.output!, document), plain!.command).toBe(true)
    }
  })
})

describe('help topics', () => {
  const commandsIn = (blocks: readonly Block[]) => blocks.flatMap(block => ('commands' in block ? block.commands.map(({ command }) => command) : []))
  const lines = Object.values(helpTopics).flatMap(topic => topic.sections().flatMap(section => commandsIn(section.blocks)))

  it('show commands that work when pasted, each on a fresh farm', async () => {
    expect(lines.length).toBeGreaterThan(20)
    for (const line of lines) {
      const ended = await paste(await farmAfter(topicFarm), line)
      // The one that shows an error ends with that of grep.
      expect([line, ended.exit, ended.stderr.includes('a defect')], ended.stderr).toEqual([line, line.includes('vm99') ? 3 : 0, false])
      expect(ended.stdout, line).not.toBe('')
    }
  })

  it('and the overview too', async () => {
    const home = await farmAfter([])
    for (const line of overviewPage(all.map(facts => facts.id)).sections.flatMap(section => commandsIn(section.blocks))) expect([line, (await paste(home, line)).exit]).toEqual([line, 0])
  })
})

describe('JSON and YAML', () => {
  it('of reports have one schema: what is done, fails, would be, was handed over, is unknown, was left out', async () => {
    const home = await farmAfter([])
    const results = new Set<string>()
    for (const line of [
      'vm start vm1 vm2 vm7', 'vm start vm1 --strict', 'vm start --all --dry-run', 'vm migrate vm7 --to ovs1', 'vm migrate vm7 --to auto --dry-run', 'vm resume vm1', 'vm start vm3 --no-wait',
      'vm start vm8 vm9 --parallel 1 --finish-by +40s', 'vm start vm4 --timeout 5s', 'vm wait vm10 --for running', 'server stop ovs1 --dry-run', 'vm start --pool pool1 --tag none --allow-empty', 'server start ovs1',
    ]) {
      const report = JSON.parse((await runHere(home, [...wordsOf(line), '-o', 'json'])).stdout) as { items: { result: string }[] }
      const [topic, verb] = line.split(' ')
      expect(valid(`${topic}-${verb}`, report), line).toBe(true)
      for (const item of report.items) results.add(item.result)
    }
    expect([...results].sort()).toEqual(['accepted', 'done', 'failed', 'not-attempted', 'unchanged', 'unknown', 'would-do', 'would-fail'])
  })

  it('of errors have one schema, whatever went wrong, and YAML says the same', async () => {
    const home = await farmAfter([])
    for (const line of ['vm stop vm1 vm2', 'vm start vm99', 'vm list --filter bogus', 'vm list --bogus', 'nonsense', 'vm strat', 'vm list -u nobody', 'vm start', 'vm start vm1 --expect 2', 'sim create --preset figure-8', 'sim fault bogus vm1', 'help nonsense', 'vm list --query [']) {
      const json = await runHere(home, [...wordsOf(line), '-o', 'json'])
      const document = JSON.parse(json.stdout) as { error: { exit: number } }
      expect(valid('error', document), line).toBe(true)
      expect(document.error.exit, line).toBe(json.exit)
      expect(parse((await runHere(home, [...wordsOf(line), '-o', 'yaml'])).stdout), line).toEqual(document)
    }
  })

  it('is the same data in both', async () => {
    const home = await farmAfter(['vm start --pool pool1', 'vm update vm1 --tag tier=web'])
    const { stdout: run } = await runHere(home, wordsOf('run list -o name --limit 1'))
    for (const line of ['vm list', 'vm show vm1', 'vm show vm1 vm7', 'server list', 'farm status', 'farm topology', `run show ${run.trim()}`, 'vm list --state paused', 'sim status', 'commands vm', 'job list', 'event list']) {
      const [json, yaml] = [await runHere(home, [...wordsOf(line), '-o', 'json']), await runHere(home, [...wordsOf(line), '-o', 'yaml'])]
      expect(parse(yaml.stdout), line).toEqual(JSON.parse(json.stdout))
    }
  })
})
