import { spawnSync } from 'node:child_process'
import { chmodSync, lchownSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Ended, Session } from './session.js'

const bin = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const isRoot = process.getuid?.() === 0
const somebody = 12_345
const asSomebody = ['--reuid', String(somebody), '--regid', String(somebody), '--clear-groups', process.execPath]

/** Whether commands can be run here by one whom permissions bind: root passes over them, so another account is wanted then, that can read the program. */
export const canBeBound = process.platform !== 'win32' && (!isRoot || spawnSync('setpriv', [...asSomebody, '-e', `require('node:fs').accessSync(${JSON.stringify(bin)})`]).status === 0)

/** The home of a session, with all that is in it, as that of one whom permissions bind; what commands of his leave behind. */
export class Bound {
  constructor(private readonly session: Session) {
    this.give(session.home)
  }

  /** Runs one command; `words` are split at blanks. */
  run(words: string, env: Record<string, string> = {}, input = ''): Ended {
    return this.runAs(bin, words, env, input)
  }

  /** The same of the program under another name. */
  runAs(program: string, words: string, env: Record<string, string> = {}, input = ''): Ended {
    const line = [program, ...words.split(' ')]
    const done = spawnSync(isRoot ? 'setpriv' : process.execPath, isRoot ? [...asSomebody, ...line] : line, { env: this.session.env(env), encoding: 'utf8', input })
    return { stdout: done.stdout, stderr: done.stderr, exit: done.status }
  }

  /** Does something while a folder below the home cannot be written. */
  readOnly<T>(folder: string, work: () => T): T {
    const path = join(this.session.home, folder)
    chmodSync(path, 0o500)
    try {
      return work()
    } finally {
      chmodSync(path, 0o700)
    }
  }

  private give(path: string): void {
    if (!isRoot) return
    for (const name of ['', ...readdirSync(path, { recursive: true, encoding: 'utf8' })]) lchownSync(join(path, name), somebody, somebody)
  }
}
