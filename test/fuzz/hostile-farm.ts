import { closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { DatabaseSync } from '@photostructure/sqlite'
import { parse } from 'yaml'
import { Collected } from '../../src/cli/collected.js'
import { connection } from '../../src/cli/connection.js'
import { readDefaults } from '../../src/cli/defaults.js'
import { formatAskedFor } from '../../src/cli/global-flags.js'
import { printError } from '../../src/cli/print-error.js'
import { runAnother } from '../../src/cli/router.js'
import { quoted } from '../../src/cli/shell-words.js'
import { withStreams } from '../../src/cli/streams.js'
import { openStores } from '../../src/embedded/open.js'
import { main } from '../../src/main.js'
import { errorCodes } from '../../src/model/errors.js'
import { exitCodes } from '../../src/model/exit-codes.js'
import { checkInvariants, logActivities } from '../world/invariants.js'
import type { Case } from './argv.js'

type Data = Record<string, unknown>
type Database = InstanceType<typeof DatabaseSync>

/** How long a case may take, in milliseconds: a machine that many share may stop us for a while, so a slow case is tried once more. */
const mostMs = 2_000
/** So many cases are run on one farm. */
const casesAFarm = 1_000
/** What no output holds. Line ends and tabs are text; CSV carries those of data. */
const steers = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\r(?!\n)/
const stackLine = /^\s+at .*:\d+:\d+\)?$/m
/** Longer than any error for people is. */
const mostErrorLines = 8
const hostileText = '\u001b[31mred\u001b]0;t\u0007\u009b\u202e\u2028\r\nnext, "line"\u{1F600}'

/** What a case left behind; exit null: it did not end. */
interface Outcome { argv: string[]; exit: number | null; streams: Collected; changed: boolean }

/** A throw-away farm in a throw-away home on which hostile command lines are run in this process. */
export class HostileFarm {
  private readonly folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'ovmcli-fuzz-'))
  private readonly home = join(this.folder, 'home')
  private readonly pristine = join(this.folder, 'pristine')
  private readonly scratch = join(this.folder, 'scratch')
  private watched: { repository: Database; world: Database; inode: number } | null = null
  private close: (() => Promise<void>) | null = null
  private run = 0
  /** a refusal that nobody awaits ends a process */
  private unheard: unknown = null
  private readonly onUnheard = (reason: unknown) => { this.unheard ??= reason }
  private dump: { version: string; text: string } | null = null
  /** how many cases ended with each exit code, and how many changed the farm */
  readonly seen = new Map<number, number>()
  changes = 0

  /** Makes the farm that all cases begin with. Call `drop` once done. */
  static async make(): Promise<HostileFarm> {
    const farm = new HostileFarm()
    for (const name of Object.keys(process.env)) if (name.startsWith('OVMCLI_')) delete process.env[name]
    // Defects tell where they are; whatever a command writes beside its farm comes into the scratch folder.
    Object.assign(process.env, { OVMCLI_DEBUG: '1', OVMCLI_HOME: farm.home, HOME: farm.scratch, XDG_CACHE_HOME: farm.scratch, XDG_CONFIG_HOME: farm.scratch, XDG_DATA_HOME: farm.scratch, TMPDIR: farm.scratch })
    mkdirSync(farm.scratch)
    process.chdir(farm.scratch)
    // Whoever reads standard input finds it ended: that of a test runner never ends.
    closeSync(0)
    if (openSync('/dev/null', 'r') !== 0) throw new Error('standard input is something else')
    await withStreams(new Collected(false), () => main(['sim', 'create', '--preset', 'figure-8', '--running']))
    await withStreams(new Collected(false), () => main(['vm', 'update', 'vm1', 'vm2', '--tag', 'tier=web', '--reason', 'tags']))
    farm.poison()
    const { repository, world } = openStores(farm.farmFolder, false)
    await logActivities(world)
    await Promise.all([repository.close(), world.close()])
    cpSync(farm.home, farm.pristine, { recursive: true })
    await farm.reset()
    process.on('unhandledRejection', farm.onUnheard)
    return farm
  }

  /** Data as a hostile guest, user or server would have it. */
  private poison(): void {
    const db = new DatabaseSync(join(this.farmFolder, 'manager.db'))
    db.prepare(`update vm set tags = json_object('k', ?), os = ?, group_name = ? where name in ('vm2', 'vm9')`).run(hostileText, hostileText, hostileText)
    db.prepare('insert into people_group (name, description) values (?, ?)').run(hostileText, hostileText)
    db.prepare(`insert or replace into vm_tag select id, 'k', ? from vm where name in ('vm2', 'vm9')`).run(hostileText)
    db.prepare(`update vm_detail set details = json_set(details, '$.description', ?)`).run(hostileText)
    db.prepare('update event set message = ?, subject = ?').run(hostileText, hostileText)
    db.prepare('update run set reason = ?').run(hostileText)
    db.prepare('update server set address = ?, release = ?').run(hostileText, hostileText)
    db.prepare('update resource set os = ?').run(hostileText)
    db.prepare('update repo set device = ?').run(hostileText)
    const recorded = JSON.stringify((db.prepare('select id from vm union all select id from resource').all() as { id: string }[]).map(row => row.id))
    db.close()
    // What nobody recorded is nothing that a command left: the preset put it there.
    const world = new DatabaseSync(join(this.farmFolder, 'world.db'))
    world.prepare('delete from file where id not in (select value from json_each(?))').run(recorded)
    world.close()
  }

  /** Runs a case and looks at all that it left. @throws Error saying what is wrong, with the words to run it again */
  async judge(given: Case): Promise<void> {
    if (++this.run % casesAFarm === 0 || !this.isWhole()) await this.reset()
    const before = this.watched!
    const contents = this.contents()
    let took = 0
    let outcome = await this.timed(given, ms => { took = ms })
    if (took > mostMs && outcome.exit !== null) outcome = await this.timed(given, ms => { took = ms })
    if (outcome.exit !== null) this.seen.set(outcome.exit, (this.seen.get(outcome.exit) ?? 0) + 1)
    try {
      const unheard = this.unheard
      this.unheard = null
      if (unheard !== null) throw new Error(`nobody heard of ${unheard instanceof Error ? unheard.stack : String(unheard)}`)
      if (outcome.exit === null) throw new Error('does not end')
      if (took > mostMs) throw new Error(`took ${Math.round(took)} ms`)
      checkOutcome(outcome)
      if (outcome.changed) this.changes++
      if (outcome.changed && this.watched === before && this.isWhole()) {
        if (isRefused(outcome) && this.contents() !== contents) throw new Error('was refused, and changed the farm')
        await this.checkFarm()
      }
      this.checkLeftovers()
    } catch (error) {
      const { argv, exit, streams } = outcome
      const defaults = Object.entries(given.env).map(([name, value]) => `${name}=${quoted(value)} `).join('')
      throw new Error(`${(error as Error).message}\n  ${defaults}ovmcli ${argv.map(quoted).join(' ')}\n  FROM ${JSON.stringify(Buffer.from(given.from).toString('latin1'))}\n  LINES ${JSON.stringify(Buffer.from(given.lines).toString('latin1'))}\n  exit ${exit}\n  stdout ${JSON.stringify(streams.stdout.slice(0, 600))}\n  stderr ${JSON.stringify(streams.stderr.slice(0, 3_000))}`)
    }
  }

  async drop(): Promise<void> {
    process.off('unhandledRejection', this.onUnheard)
    await this.letGo()
    process.chdir('/')
    rmSync(this.folder, { recursive: true, force: true })
  }

  private get farmFolder(): string {
    return join(this.home, 'farms', 'figure-8')
  }

  private async timed(given: Case, took: (ms: number) => void): Promise<Outcome> {
    const from = join(this.scratch, 'from')
    const lines = join(this.scratch, 'lines')
    writeFileSync(from, given.from)
    writeFileSync(lines, given.lines)
    const places: [string, string][] = [['FROM', from], ['LINES', lines], ['REPORT', join(this.scratch, 'report')], ['SCRATCH', this.scratch]]
    const placed = (word: string) => places.reduce((text, [name, path]) => text.replaceAll(name, path), word)
    const argv = given.argv.map(placed)
    const version = this.version()
    Object.defineProperty(process, 'stdin', { value: Readable.from([]), configurable: true })
    const streams = new Collected(false)
    const began = performance.now()
    const ending = withStreams(streams, async () => {
      try {
        return await runAnother(argv, await readDefaults({ OVMCLI_HOME: this.home, ...given.env }))
      } catch (error) {
        // Only what reads the defaults is told by us; a command tells its own errors.
        return printError(error, formatAskedFor(argv, given.env['OVMCLI_OUTPUT']))
      }
    })
    const exit = await Promise.race([ending, new Promise<null>(resolve => setTimeout(resolve, mostMs * 5, null).unref())])
    took(performance.now() - began)
    // What nobody awaits is told between two turns.
    await new Promise(resolve => setImmediate(resolve))
    return { argv, exit, streams, changed: this.version() !== version }
  }

  /** A fresh copy of the farm, alone in its home. */
  private async reset(): Promise<void> {
    await this.letGo()
    this.dump = null
    rmSync(this.home, { recursive: true, force: true })
    cpSync(this.pristine, this.home, { recursive: true })
    this.close = await connection().keepOpen()
    const file = (name: string) => join(this.farmFolder, name)
    this.watched = { repository: new DatabaseSync(file('manager.db')), world: new DatabaseSync(file('world.db')), inode: statSync(file('manager.db')).ino }
  }

  private async letGo(): Promise<void> {
    await this.close?.()
    this.close = null
    this.watched?.repository.close()
    this.watched?.world.close()
    this.watched = null
  }

  /** Whether the farm is still the one that is watched, and current. */
  private isWhole(): boolean {
    const file = statSync(join(this.farmFolder, 'manager.db'), { throwIfNoEntry: false })
    return file?.ino === this.watched?.inode && readdirSync(join(this.home, 'farms')).length < 4
  }

  /** Changes whenever somebody commits. */
  private version(): string {
    const of = (db: Database) => Object.values(db.prepare('pragma data_version').get() as Data).join()
    return `${of(this.watched!.repository)} ${of(this.watched!.world)}`
  }

  /** All that the farm holds, but for who has it open, and for events that somebody was refused: those a refusal leaves. */
  private contents(): string {
    const version = this.version()
    if (this.dump?.version !== version) {
      const { repository, world } = this.watched!
      this.dump = { version, text: JSON.stringify([...dumped(repository, []), ...dumped(world, ['session', 'meta'])]) }
    }
    return this.dump.text
  }

  private async checkFarm(): Promise<void> {
    const { repository, world } = openStores(this.farmFolder, false)
    try {
      await checkInvariants(repository, world)
    } finally {
      await Promise.all([repository.close(), world.close()])
    }
  }

  /** Nothing lies around in the home but farms, what is current, and what the shell remembers. */
  private checkLeftovers(): void {
    const left = readdirSync(this.home).filter(name => !['farms', 'current', 'shell-history', 'config'].includes(name))
    const half = existsSync(join(this.home, 'farms')) ? readdirSync(join(this.home, 'farms')).filter(name => name.startsWith('.')) : []
    if (left.length + half.length > 0) throw new Error(`left behind: ${[...left, ...half].join(' ')}`)
  }
}

function dumped(db: Database, but: readonly string[]): unknown[] {
  const tables = db.prepare(`select name from sqlite_master where type = 'table' order by name`).all() as { name: string }[]
  return tables.filter(({ name }) => !but.includes(name)).map(({ name }) => [name, db.prepare(`select * from ${name}${name === 'event' ? ` where kind not like 'auth.%'` : ''}`).all()])
}

/** Whether a command ended before anything was done: with an error of its own, and without a result. */
function isRefused({ exit, streams }: Outcome): boolean {
  return exit !== 0 && streams.error !== null && (streams.stdout === '' || isErrorDocument(streams.stdout))
}

function isErrorDocument(text: string): boolean {
  return /^(\{\s*"error": ?\{|error:\n)/.test(text)
}

function checkOutcome({ argv, exit, streams: { stdout, stderr, error } }: Outcome): void {
  if (exit === null || !Object.hasOwn(exitCodes, exit) || exit === 1) throw new Error(`exit ${exit}`)
  for (const [name, text] of [['stdout', stdout], ['stderr', stderr]] as const) {
    const steering = steers.exec(text)
    if (steering) throw new Error(`${name} holds U+${text.charCodeAt(steering.index).toString(16)}`)
    if (stackLine.test(text)) throw new Error(`${name} holds a stack`)
  }
  if (exit !== 0 && stderr === '' && stdout === '') throw new Error('failed without a word')
  const isBatch = argv.includes('batch')
  if (error && !isBatch) {
    if (stderr.trimEnd().split('\n').length > mostErrorLines + (argv.includes('doctor') ? 40 : 0) && !/\d+ targets?:/.test(stdout) && !stdout.includes('"items"')) throw new Error('a long error')
    if (!Object.hasOwn(errorCodes, error.code)) throw new Error(`no such code: ${error.code}`)
  }
  checkDocuments(argv, exit, stdout, error !== null)
}

function checkDocuments(argv: readonly string[], exit: number, stdout: string, refused: boolean): void {
  // Help is text in every format.
  const isHelp = argv.some(word => word === 'help' || word === '--help' || word === '-h' || word === '--version') || stdout.includes('USAGE')
  // What the completion scripts ask is for them alone: no format says how.
  if (isHelp || stdout === '' || (argv.includes('autocomplete') && argv.includes('words'))) return
  const asked = formatAskedFor(argv, undefined)
  const format = argv.includes('batch') && !isErrorDocument(stdout) ? 'jsonl' : asked
  const documents = format === 'json' ? [JSON.parse(stdout) as unknown] : format === 'jsonl' ? stdout.trimEnd().split('\n').map(line => JSON.parse(line) as unknown) : format === 'yaml' && stdout.length < 20_000 ? [parse(stdout, { logLevel: 'error' }) as unknown] : []
  const [first] = documents
  if (!refused || documents.length !== 1 || typeof first !== 'object' || first === null || !isErrorDocument(stdout)) return
  const { code, exit: said } = (first as { error: { code: string; exit: number } }).error
  if (!Object.hasOwn(errorCodes, code) || said !== exit || errorCodes[code as keyof typeof errorCodes].exit !== exit) throw new Error(`the document says ${code}, exit ${said}`)
}
