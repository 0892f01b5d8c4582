import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, inject } from 'vitest'
import type { ListRequest } from '../src/contract/requests.js'
import { noNarrowing } from '../src/contract/requests.js'
import { openManager } from '../src/embedded/open.js'
import { remoteLine } from './remote-lines.js'
import { currentFarm, isRemote, remoteEnv, stopServing, withMishap } from './remote-farm.js'

const bin = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const mishap = fileURLToPath(new URL('mishap.cjs', import.meta.url))

const homes: string[] = []
// Registered once, while the file is collected: a hook that a running test registers is never called.
afterAll(() => { for (const home of homes) rmSync(home, { recursive: true, force: true }) })

/** What a command left behind. */
export interface Ended { stdout: string; stderr: string; exit: number | null }

/** What is to befall whoever writes the farm, at its n-th commit: mishap.cjs. */
export type Mishap = `kill ${'before' | 'after'}:${number}` | `full ${number}`

/** A command that is under way. */
export interface Running {
  underWay: Promise<void>
  pid: number
  /** Resolves once stdout holds so many lines that match, with all it holds. */
  printed(pattern: RegExp, times?: number): Promise<string>
  /** The same of stderr. */
  said(pattern: RegExp, times?: number): Promise<string>
  /** Reads no more of what it prints, as `head` does when it has seen enough. */
  closeOutput(): void
  signal(signal: NodeJS.Signals): void
  /** Kills, as kill -9 does, whoever does its work: the command, or the manager that it asked. */
  killWorker(): void
  ended: Promise<Ended & { signal: NodeJS.Signals | null }>
}

function split(words: string): string[] {
  return words.split(' ').filter(word => word !== '')
}

/** A throw-away home in which commands run as a user would run them: the built binary, each in a process of its own. */
export class Session {
  readonly home = mkdtempSync(join(tmpdir(), 'ovmcli-test-'))

  constructor(preset?: string, ...flags: string[]) {
    homes.push(this.home)
    if (preset) this.copyFarm(preset, flags)
  }

  /** The farm that `sim create` makes: made once for all tests, since it is the same bytes every time (farms.test.ts makes some anew to see that). */
  private copyFarm(preset: string, flags: string[]): void {
    const made = join(inject('farms'), [preset, ...flags].join(' '))
    if (!existsSync(made)) {
      this.ok(`sim create --preset ${preset}`, ...flags)
      const copy = mkdtempSync(join(inject('farms'), '.making-'))
      cpSync(join(this.home, 'ovm'), copy, { recursive: true })
      // Another worker may have been faster: its farm is as good.
      try { renameSync(copy, made) } catch { rmSync(copy, { recursive: true }) }
    } else cpSync(made, join(this.home, 'ovm'), { recursive: true })
  }

  /** Runs one command; `words` are split at blanks, `more` are taken as they are. */
  run(words: string, ...more: string[]): Ended {
    return this.runWith({}, words, ...more)
  }

  runWith(options: { env?: Record<string, string>; input?: string }, words: string, ...more: string[]): Ended {
    return this.spawned([], options, split(words).concat(more))
  }

  /** Runs lines as one `batch`. */
  batch(lines: readonly string[], ...flags: string[]): Ended {
    const farm = currentFarm(join(this.home, 'ovm'))
    const ended = this.runWith({ input: (isRemote && farm !== null ? lines.map(line => remoteLine(line, farm, { ...process.env, ...this.env() })) : lines).join('\n') }, 'batch', ...flags)
    if (!isRemote) return ended
    // Told of is the line as it was given.
    const answers = ended.stdout.split('\n').filter(text => text !== '').map(text => JSON.parse(text) as { line: number; command: string })
    return { ...ended, stdout: answers.map(answer => `${JSON.stringify({ ...answer, command: lines[answer.line - 1]!.trim() })}\n`).join('') }
  }

  private spawned(node: readonly string[], { env, input }: { env?: Record<string, string>; input?: string }, words: readonly string[]): Ended {
    const done = spawnSync(process.execPath, [...node, bin, ...words], { env: this.env(env), encoding: 'utf8', input: input ?? '', maxBuffer: 1 << 28 })
    return { stdout: done.stdout, stderr: done.stderr, exit: done.status }
  }

  /**
   * Runs one command with a mishap to whoever writes the farm for it, the command itself or the manager that it asks. `killed`: that did not
   * survive it. Then the command itself ends with null, and who asked a manager with 8, or, when that died later, with what he was answered.
   */
  mishap(order: Mishap, words: string, ...more: string[]): Ended & { killed: boolean } {
    const home = join(this.home, 'ovm')
    if (!isRemote) {
      const ended = this.spawned(['--require', mishap], { env: { OVMCLI_TEST_MISHAP: order } }, split(words).concat(more))
      return { ...ended, killed: ended.exit === null }
    }
    const { result, struck } = withMishap(home, currentFarm(home)!, order, () => this.run(words, ...more))
    return { ...result, killed: struck }
  }

  /** A copy of it as it is now. */
  copy(): Session {
    if (isRemote) stopServing(join(this.home, 'ovm'))
    const copy = new Session()
    cpSync(join(this.home, 'ovm'), join(copy.home, 'ovm'), { recursive: true })
    return copy
  }

  /** Begins a command and does not wait for it. */
  start(words: string, ...more: string[]): Running {
    const child = spawn(process.execPath, [bin, ...split(words), ...more], { env: this.env(), stdio: ['ignore', 'pipe', 'pipe'] })
    const ended: Ended = { stdout: '', stderr: '', exit: null }
    child.stdout.on('data', (data: Buffer) => { ended.stdout += data.toString() })
    child.stderr.on('data', (data: Buffer) => { ended.stderr += data.toString() })
    const seen = (stream: 'stdout' | 'stderr') => (pattern: RegExp, times = 1) => new Promise<string>((resolve, reject) => {
      const rest = (then: () => void) => {
        child[stream].off('data', look)
        child.off('close', tooLate)
        then()
      }
      const look = () => { if (ended[stream].split('\n').filter(line => pattern.test(line)).length >= times) rest(() => resolve(ended[stream])) }
      const tooLate = () => rest(() => reject(new Error(`it ended before it printed ${String(pattern)}: ${ended.stdout}${ended.stderr}`)))
      child[stream].on('data', look)
      child.on('close', tooLate)
      look()
    })
    return {
      pid: child.pid!,
      // A command names its farm once its run is recorded and goes on.
      underWay: new Promise(resolve => { child.stderr.on('data', () => { if (ended.stderr.includes('farm ')) resolve() }); child.on('close', () => resolve()) }),
      printed: seen('stdout'),
      said: seen('stderr'),
      closeOutput: () => { child.stdout.destroy() },
      signal: signal => { child.kill(signal) },
      killWorker: () => {
        if (isRemote) stopServing(join(this.home, 'ovm'))
        else child.kill('SIGKILL')
      },
      ended: new Promise(resolve => { child.on('close', (exit, signal) => resolve({ ...ended, exit, signal })) }),
    }
  }

  /** The environment of its commands: nothing of ours but the path, and for the remote backend what sends them there. */
  env(more: Record<string, string> = {}): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'], HOME: this.home, OVMCLI_HOME: join(this.home, 'ovm'), ...remoteEnv(inject('remoteCommand')), ...more }
  }

  /** stdout of a command that must succeed. */
  ok(words: string, ...more: string[]): string {
    const ended = this.run(words, ...more)
    if (ended.exit !== 0) throw new Error(`ovmcli ${words} ${more.join(' ')} ended with ${ended.exit}: ${ended.stderr}`)
    return ended.stdout
  }

  /** The JSON that a command printed, whatever its exit code. */
  json<T = Record<string, unknown>>(words: string, ...more: string[]): T {
    return JSON.parse(this.run(`${words} -o json`, ...more).stdout) as T
  }

  /** The records of a kind, read in this process by the manager itself: for tests that look at very many farms. For the remote backend that is a command. */
  async records(kind: ListRequest['kind'], ...filters: string[]): Promise<Record<string, unknown>[]> {
    if (isRemote) return this.json(`${kind} list`, ...filters.flatMap(filter => ['--filter', filter]))
    const manager = await openManager({ home: join(this.home, 'ovm'), farm: null })
    try {
      const page = await manager.list({ principal: { user: 'admin' }, kind, narrowing: { ...noNarrowing, filters }, columns: null, sort: null, limit: null, cursor: null })
      return JSON.parse(page.json) as Record<string, unknown>[]
    } finally {
      await manager.close()
    }
  }
}
