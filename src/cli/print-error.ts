import { Refusal, errorCodes, type ErrorCode, type Fault } from '../model/errors.js'
import type { Format } from './global-flags.js'
import { parseRefusal } from './parse-refusal.js'
import { printable, say, streams, writeOut } from './streams.js'

/** Formats in which errors are data on stdout too. */
export function isStructured(format: Format): boolean {
  return format === 'json' || format === 'jsonl' || format === 'yaml'
}

/** Prints an error as the contract wants it, and returns the exit code. */
export async function printError(thrown: unknown, format: Format): Promise<number> {
  const error = thrown instanceof Refusal ? thrown : (parseRefusal(thrown) ?? defect(thrown))
  if (isStructured(format) && error.code !== 'output.write' && !streams().errorsApart) await writeDocument({ error: errorData(error.fault) }, format)
  sayError(error)
  return error.exit
}

/** Where stdout takes nothing, stderr still tells the error. */
async function writeDocument(document: { error: ErrorData }, format: Format): Promise<void> {
  const text = format === 'yaml' ? (await import('./yaml-text.js')).yamlText(document) : `${JSON.stringify(document, null, format === 'json' ? 2 : undefined)}\n`
  await writeOut(text).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
  })
}

/** An error as structured output carries it (cli.md, "Exit codes"). */
export interface ErrorData { code: ErrorCode; exit: number; message: string; hint: string | null; details: unknown }

/** An error in the order of the contract, with the exit code of a command that ends with it. */
export function errorData({ code, message, hint, details }: Fault): ErrorData {
  return { code, exit: errorCodes[code].exit, message, hint, details }
}

/** Says an error to people, on stderr. */
export function sayError(error: Refusal): void {
  streams().refused?.(error)
  say(`Error: ${printable(error.message)}`)
  if (error.hint) say(`Hint: ${printable(error.hint)}`)
  say(`Code: ${error.code} (exit ${error.exit})`)
}

function defect(thrown: unknown): Refusal {
  if (process.env['OVMCLI_DEBUG']) say(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  return new Refusal('defect.internal', `a defect of ovmcli: ${what}`, `report it with the output of the same command with OVMCLI_DEBUG=1 set; ${errorCodes['defect.internal'].meaning}`)
}
