import { Refusal, errorCodes } from '../model/errors.js'
import type { Format } from './global-flags.js'
import { parseRefusal } from './parse-refusal.js'
import { printable, say, writeOut } from './streams.js'

/** Formats in which errors are data on stdout too. */
export function isStructured(format: Format): boolean {
  return format === 'json' || format === 'jsonl' || format === 'yaml'
}

/** Prints an error as the contract wants it, and returns the exit code. */
export async function printError(thrown: unknown, format: Format): Promise<number> {
  const error = thrown instanceof Refusal ? thrown : (parseRefusal(thrown) ?? defect(thrown))
  if (isStructured(format)) {
    const body = { error: { ...error.fault, exit: error.exit } }
    const { code, message, hint, details, exit } = body.error
    const ordered = { error: { code, exit, message, hint, details } }
    await writeOut(format === 'yaml' ? (await import('yaml')).stringify(ordered) : `${JSON.stringify(ordered, null, format === 'json' ? 2 : undefined)}\n`)
  }
  sayError(error)
  return error.exit
}

/** Says an error to people, on stderr. */
export function sayError(error: Refusal): void {
  say(`Error: ${printable(error.message)}`)
  if (error.hint) say(`Hint: ${printable(error.hint)}`)
  say(`Code: ${error.code} (exit ${error.exit})`)
}

function defect(thrown: unknown): Refusal {
  if (process.env['OVMCLI_DEBUG']) say(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  return new Refusal('defect.internal', `a defect of ovmcli: ${what}`, `report it with the output of the same command with OVMCLI_DEBUG=1 set; ${errorCodes['defect.internal'].meaning}`)
}
