import { Refusal } from '../model/errors.js'

/** Where a command writes and whom it may ask: the process's own streams, or what batch and tests collect it in. */
export interface Streams {
  /** Writes to stdout; resolves when it was taken. @throws Refusal output.write */
  out(text: string): Promise<void>
  /** Writes to stderr. */
  err(text: string): void
  /** Whether each of them is a terminal. */
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  readonly inIsTerminal: boolean
  /** Whether stdin is the command's own to read: that of a batch carries its lines. */
  readonly inIsFree: boolean
  /** Whether errors are not to stand among the results, in formats that are data: who is told of them has them. */
  readonly errorsApart?: boolean
  /** Is told of every error that is said, for who wants it as data. */
  refused?(error: Refusal): void
}

const processStreams: Streams = {
  out: text => new Promise((resolve, reject) => { process.stdout.write(text, error => (!error || (closed ||= isClosing(error)) ? resolve() : reject(unwritten(error)))) }),
  err: text => { process.stderr.write(text) },
  get outIsTerminal() { return process.stdout.isTTY === true },
  get errIsTerminal() { return process.stderr.isTTY === true },
  get inIsTerminal() { return process.stdin.isTTY === true },
  inIsFree: true,
}

let current = processStreams

/** The streams of the command that runs. */
export function streams(): Streams {
  return current
}

/** Runs something with other streams. One at a time: a command that runs inside another ends before that goes on. */
export async function withStreams<T>(other: Streams, work: () => Promise<T>): Promise<T> {
  const before = current
  current = other
  try {
    return await work()
  } finally {
    current = before
  }
}

/** Whether output is collected for somebody who reads it once the command has ended. */
export function outIsCollected(): boolean {
  return current !== processStreams
}

/**
 * Writes to stdout and waits until it is taken, so that large output reaches a slow pipe whole. Whatever the format, no data
 * steers a terminal: what JSON and YAML leave as it is (DEL, C1, marks of direction) is written as they escape it.
 */
export function writeOut(text: string): Promise<void> {
  return text === '' ? Promise.resolve() : current.out(text.replace(beyondAscii, escaped))
}

/** Writes a line to stderr, or several: everything that is not the result. */
export function say(line: string): void {
  current.err(`${line.replace(controlInLines, visible)}\n`)
}

/** Whether somebody sits at a terminal who can be asked. */
export function canAsk(): boolean {
  return current.inIsTerminal && current.errIsTerminal
}

/** Cells a line of output may take; null where nothing bounds them: off a terminal cells are never cut. */
export function outWidth(): number | null {
  return current.outIsTerminal ? process.stdout.columns || null : null
}

let closed = false

/** A closed pipe is no error: whoever reads us has seen enough. What else stdout will not take, `out` tells; what stderr will not take nobody can be told. */
export function tolerateClosedPipes(): void {
  process.stdout.on('error', (error: Error) => { closed ||= isClosing(error) })
  process.stderr.on('error', () => {})
}

function isClosing(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'EPIPE'
}

function unwritten(error: Error): Refusal {
  // It is told here; oclif listens too, and would throw it once more.
  process.stdout.removeAllListeners('error').on('error', () => {})
  return new Refusal('output.write', `standard output could not be written: ${error.message}`, 'what the command did is done all the same: run list shows runs')
}

/** Whether the reader of stdout has gone. */
export function isOutputClosed(): boolean {
  return closed && current === processStreams
}

const marks = '\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb'
const beyondAscii = new RegExp(`[${marks}]`, 'g')
const control = new RegExp(`[\\u0000-\\u001f${marks}]`, 'g')
const controlInLines = new RegExp(`[\\u0000-\\u0008\\u000b-\\u001f${marks}]`, 'g')

/** A text with control characters and marks of direction made visible, so that data never steers a terminal. */
export function printable(text: string): string {
  return text.replace(control, visible)
}

/** Whether a text holds what `writeOut` writes as escapes. */
export function isWrittenEscaped(text: string): boolean {
  return text.search(beyondAscii) >= 0
}

/** A character as JSON and YAML escape it in quotes. */
function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** A character by its number, `\x1b` or `\ufeff`: what stands for it where it cannot be shown itself. */
export function visible(char: string): string {
  const code = char.charCodeAt(0).toString(16)
  return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`
}
