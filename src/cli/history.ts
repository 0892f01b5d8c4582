import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printable } from './streams.js'

/** How many lines are remembered. */
const mostLines = 1_000

/** The lines somebody typed, newest first, from one shell to the next. A home that cannot be written remembers nothing. */
export class History {
  readonly lines: string[]
  private readonly file: string

  constructor(folder: string) {
    this.file = join(folder, 'shell-history')
    this.lines = this.read()
  }

  /** Remembers a line; one that begins with a blank is nobody's business, and one that was just typed is known. */
  add(line: string): void {
    if (line.trim() === '' || line.startsWith(' ') || this.lines[0] === line) return
    this.lines.unshift(line)
    this.lines.length = Math.min(this.lines.length, mostLines)
    try {
      appendFileSync(this.file, `${line}\n`, { mode: 0o600 })
    } catch {
      // It is a convenience: without it the shell works as well.
    }
  }

  private read(): string[] {
    try {
      // Readline shows a line as it is: one that would steer the terminal was not typed.
      const lines = readFileSync(this.file, 'utf8').split('\n').filter(line => line !== '' && line === printable(line))
      if (lines.length > 2 * mostLines) writeFileSync(this.file, `${lines.slice(-mostLines).join('\n')}\n`, { mode: 0o600 })
      return lines.reverse().slice(0, mostLines)
    } catch {
      return []
    }
  }
}
