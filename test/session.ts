import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const bin = fileURLToPath(new URL('../bin/run.js', import.meta.url))

/** What a command left behind. */
export interface Ended { stdout: string; stderr: string; exit: number | null }

/** A throw-away home in which commands run as a user would run them: the built binary, each in a process of its own. */
export class Session {
  readonly home = mkdtempSync(join(tmpdir(), 'ovmcli-test-'))

  constructor(preset?: string, ...flags: string[]) {
    afterAll(() => rmSync(this.home, { recursive: true, force: true }))
    if (preset) this.ok(`sim create --preset ${preset}`, ...flags)
  }

  /** Runs one command; `words` are split at blanks, `more` are taken as they are. */
  run(words: string, ...more: string[]): Ended {
    return this.runWith({}, words, ...more)
  }

  runWith(options: { env?: Record<string, string>; input?: string }, words: string, ...more: string[]): Ended {
    const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], HOME: this.home, OVMCLI_HOME: join(this.home, 'ovm'), ...options.env }
    const done = spawnSync(process.execPath, [bin, ...words.split(' ').filter(word => word !== ''), ...more], { env, encoding: 'utf8', input: options.input ?? '', maxBuffer: 1 << 28 })
    return { stdout: done.stdout, stderr: done.stderr, exit: done.status }
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
}
