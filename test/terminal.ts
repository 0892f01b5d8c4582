import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Session } from './session.js'

const bin = fileURLToPath(new URL('../bin/run.js', import.meta.url))

/** Whether this system has `script` of util-linux, which gives a command a terminal of its own. */
export const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0

/** A command at a pseudo-terminal, typed at by a test. */
export class Terminal {
  /** everything that was shown, escape sequences and all */
  shown = ''
  readonly ended: Promise<number | null>
  private readonly child
  private seen = 0
  private wake: () => void = () => {}

  /** `program`: the program by another name. */
  constructor(session: Session, words: string, options: { columns?: number; env?: Record<string, string>; program?: string } = {}) {
    const command = `stty cols ${options.columns ?? 80} rows 24; exec ${process.execPath} ${options.program ?? bin} ${words}`
    this.child = spawn('script', ['-qefc', command, '/dev/null'], { env: { ...session.env({ TERM: 'xterm', ...options.env }), SHELL: '/bin/sh' }, stdio: ['pipe', 'pipe', 'inherit'] })
    this.child.stdout.on('data', (data: Buffer) => { this.shown += data.toString(); this.wake() })
    this.ended = new Promise(resolve => { this.child.on('close', exit => { this.wake(); resolve(exit) }) })
  }

  /** Types, once a text is shown that was not there when it last typed. */
  async type(after: string, keys: string): Promise<void> {
    await this.sees(after)
    this.child.stdin.write(keys)
  }

  /** Waits until a text is shown after what was seen before. */
  async sees(text: string): Promise<void> {
    for (;;) {
      const at = this.shown.indexOf(text, this.seen)
      if (at >= 0) {
        this.seen = at + text.length
        return
      }
      if (this.child.exitCode !== null) throw new Error(`ended without ${JSON.stringify(text)}: ${JSON.stringify(this.shown.slice(this.seen))}`)
      await new Promise<void>(resolve => { this.wake = resolve })
    }
  }
}
