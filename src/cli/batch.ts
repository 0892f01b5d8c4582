import type { InferOutput } from 'valibot'
import type { Report } from '../contract/manager.js'
import type { batchAnswerShape } from '../contract/shapes/batch.js'
import { Refusal } from '../model/errors.js'
import { Collected } from './collected.js'
import type { Defaults } from './defaults.js'
import { formatAskedFor, splitLeading, type Format } from './global-flags.js'
import type { Line } from './lines.js'
import { errorData } from './print-error.js'
import { runAnother } from './router.js'
import { splitWords } from './shell-words.js'
import { isOutputClosed, say, withStreams, writeOut } from './streams.js'

/** What became of one line, as batch prints it. */
export type BatchAnswer = InferOutput<typeof batchAnswerShape>

/** How a batch goes about its lines. */
export interface BatchOptions {
  stopOnError: boolean
  defaults: Defaults
  /** whether commands may read stdin: not when it carries the lines */
  inIsFree: boolean
  /** is told what is talk, and no error */
  tell: (line: string) => void
}

/** Runs one command a line, and prints what became of each as one JSON line; the exit code. */
export async function runBatch(lines: AsyncIterable<Line>, options: BatchOptions): Promise<number> {
  let exit = 0
  for await (const line of lines) {
    const answer = await answerOf(line, options)
    if (answer === null) continue
    await writeOut(`${JSON.stringify(answer)}\n`)
    if (isOutputClosed()) return 0
    // Interrupted: the line was the last.
    if (answer.exit === 130 || answer.exit === 143) return answer.exit
    if (answer.exit !== 0) exit = 6
    if (answer.exit !== 0 && options.stopOnError) {
      options.tell(`stopped at line ${line.number}`)
      break
    }
  }
  return exit
}

/** Runs a line; null when there is nothing on it. */
async function answerOf(line: Line, { defaults, inIsFree }: BatchOptions): Promise<BatchAnswer | null> {
  const streams = new Collected(inIsFree, true)
  if ('fault' in line) return refused(line.number, '', new Refusal('usage.argument', `line ${line.number} ${line.fault}`, 'write one command a line'))
  const command = line.text.trim()
  const { words, open } = splitWords(command)
  if (open !== null) return refused(line.number, command, new Refusal('usage.argument', `line ${line.number} ends inside of ${open === '\\' ? 'an escape' : `a ${open} quote`}`, 'write one command a line'))
  const own = words[0] === 'ovmcli' || words[0] === 'ovm' ? words.slice(1) : words
  if (own.length === 0) return null
  const nested = splitLeading(own).rest[0]
  if (nested === 'batch' || nested === 'shell') return refused(line.number, command, new Refusal('usage.command', `a ${nested} cannot run inside of a batch`, 'write its commands as lines of their own'))
  const exit = await withStreams(streams, () => runAnother(own, defaults))
  if (exit !== 0 && streams.stderr !== '') say(streams.stderr.trimEnd().split('\n').map(said => `line ${line.number}: ${said}`).join('\n'))
  const result = resultOf(streams.stdout, formatAskedFor(own, 'json'))
  return { line: line.number, command, exit, result, error: exit === 0 ? null : errorOf(streams.error, result) }
}

function refused(line: number, command: string, error: Refusal): BatchAnswer {
  say(`line ${line}: Error: ${error.message}`)
  return { line, command, exit: error.exit, result: null, error: errorData(error.fault) }
}

/** What a command printed: data where it printed data, else its text. */
function resultOf(printed: string, format: Format): unknown {
  if (printed === '') return null
  try {
    if (format === 'json') return JSON.parse(printed)
    if (format === 'jsonl') return printed.trimEnd().split('\n').map(line => JSON.parse(line) as unknown)
  } catch {
    // Help is text in every format.
  }
  return printed
}

/** The error of a command that failed: its own, or the first that its report tells of. */
function errorOf(said: Refusal | null, result: unknown): BatchAnswer['error'] {
  if (said) return errorData(said.fault)
  const items = (result as Partial<Report> | null)?.items ?? []
  const error = Array.isArray(items) ? items.find(item => item.error !== null)?.error : null
  return error ? errorData(error) : null
}
