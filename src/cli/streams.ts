/** Writes to stdout and waits until it is taken, so that large output reaches a slow pipe whole. */
export function writeOut(text: string): Promise<void> {
  return new Promise(resolve => {
    if (text === '') resolve()
    else process.stdout.write(text, () => resolve())
  })
}

/** Writes a line to stderr: everything that is not the result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

let closed = false

/** A closed pipe is no error: whoever reads us has seen enough. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      closed ||= stream === process.stdout
    })
  }
}

/** Whether the reader of stdout has gone. */
export function isOutputClosed(): boolean {
  return closed
}

const control = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** A text with control characters and marks of direction made visible, so that data never steers a terminal. */
export function printable(text: string): string {
  return text.replace(control, visible)
}

/** A character by its number, `\x1b` or `\ufeff`: what stands for it where it cannot be shown itself. */
export function visible(char: string): string {
  const code = char.charCodeAt(0).toString(16)
  return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`
}
