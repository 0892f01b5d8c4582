import { createInterface } from 'node:readline'
import { printable } from './streams.js'
import { tellLineEditor } from './terminal-kind.js'

/** Words that could stand at the end of a line, and the part of the line that they would stand for. */
export type Complete = (line: string) => Promise<[string[], string]>

/** Asks for lines at a terminal, one at a time; what is typed ahead is kept for the next. */
export class Prompt {
  private readonly ahead: string[] = []
  private begun = ''

  constructor(private readonly complete: Complete) {}

  /** The next line; null when there is no more (Ctrl-D). Ctrl-C gives up the line and begins another. */
  async ask(prompt: string, history: string[]): Promise<string | null> {
    const next = this.ahead.shift()
    if (next !== undefined) {
      process.stderr.write(`${prompt}${printable(next)}\n`)
      return next
    }
    tellLineEditor()
    // One interface a line: between lines the terminal is the command's, for its questions and its Ctrl-C.
    const reader = createInterface({
      input: process.stdin, output: process.stderr, terminal: true, history: [...history], historySize: history.length + 1, prompt,
      completer: (line: string, done: (error: Error | null, answer: [string[], string]) => void) => { this.complete(line).then(answer => done(null, answer), () => done(null, [[], line])) },
    })
    try {
      return await new Promise<string | null>(resolve => {
        let first: string | null = null
        reader.on('line', line => {
          if (first === null) resolve((first = line))
          else this.ahead.push(line)
        })
        reader.on('close', () => resolve(first))
        reader.on('SIGINT', () => {
          reader.write(null, { ctrl: true, name: 'e' })
          reader.write(null, { ctrl: true, name: 'u' })
          process.stderr.write('^C\n')
          reader.prompt()
        })
        reader.prompt()
        if (this.begun !== '') reader.write(this.begun)
        this.begun = ''
      })
    } finally {
      this.begun = reader.line
      reader.close()
      process.stdin.pause()
    }
  }
}
