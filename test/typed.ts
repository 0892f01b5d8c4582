import { join } from 'node:path'
import { expect } from 'vitest'
import type { Report } from '../src/contract/manager.js'
import type { ErrorCode } from '../src/model/errors.js'
import { runHere, wordsOf } from './in-process.js'
import { Session, type Ended } from './session.js'

/** A farm at which lines are typed, each run by the built program in this process: many commands cost little. */
export class Typed {
  readonly session: Session

  constructor(preset: string, ...flags: string[]) {
    this.session = new Session(preset, ...flags)
  }

  run(line: string): Promise<Ended> {
    return runHere(join(this.session.home, 'ovm'), wordsOf(`ovmcli ${line}`).slice(1))
  }

  /** What lines print that must succeed, the last of them. */
  async ok(...lines: string[]): Promise<string> {
    let out = ''
    for (const line of lines) {
      const ended = await this.run(line)
      if (ended.exit !== 0) throw new Error(`ovmcli ${line} ended with ${ended.exit}: ${ended.stdout}${ended.stderr}`)
      out = ended.stdout
    }
    return out
  }

  async json<T = Record<string, unknown>>(line: string): Promise<T> {
    return JSON.parse((await this.run(`${line} -o json`)).stdout) as T
  }

  /** The report of a line, whatever came of it. */
  report(line: string): Promise<Report> {
    return this.json<Report>(line)
  }

  /** A line that has to be refused with a code, a hint and the exit that goes with them, as a request or for its one target: its error. */
  async refused(line: string, code: ErrorCode, exit: number): Promise<{ message: string; hint: string; details: Record<string, unknown> }> {
    const ended = await this.run(`${line} -o json`)
    const told = JSON.parse(ended.stdout) as { error: Record<string, unknown> } | Report
    const error = 'items' in told ? told.items.find(item => item.error)?.error : told.error
    expect({ line, code: error?.code, exit: ended.exit }).toEqual({ line, code, exit })
    expect(ended.stderr).toContain(code)
    expect(typeof error!.hint, `${line}: a hint`).toBe('string')
    return error as { message: string; hint: string; details: Record<string, unknown> }
  }
}
