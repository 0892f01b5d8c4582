import { readFileSync } from 'node:fs'
import { Refusal } from '../model/errors.js'

/** The most bytes that --from reads. */
const mostBytes = 64 * 1_048_576

/**
 * Targets from a file or standard input (`-`): one a line, `#` comments and blank lines skipped, CRLF and a byte order mark
 * fine; or JSON lines with `name` and optional `pool`, or `id`. Each line is judged by itself. @throws Refusal usage.argument
 */
export function readTargets(source: string): string[] {
  let bytes: Buffer
  try {
    bytes = readFileSync(source === '-' ? 0 : source)
  } catch (error) {
    throw new Refusal('usage.argument', `--from: cannot read ${source === '-' ? 'standard input' : source}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`, 'name a file that can be read, or - for standard input')
  }
  if (bytes.length > mostBytes) throw new Refusal('usage.argument', `--from: ${source} is larger than 64 MiB`)
  return parseTargets(bytes.toString('utf8'), source)
}

/** The targets in the text of a --from file. @throws Refusal usage.argument naming the line */
export function parseTargets(text: string, source: string): string[] {
  const targets: string[] = []
  text.replace(/^\uFEFF/, '').split('\n').forEach((raw, at) => {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) return
    if (line.startsWith('{')) targets.push(jsonTarget(line, source, at + 1))
    else if (/[\u0000-\u001f\u007f\ufffd]/.test(line)) throw bad(source, at + 1, 'is not text')
    else targets.push(line)
  })
  return targets
}

function jsonTarget(line: string, source: string, number: number): string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw bad(source, number, 'is not JSON')
  }
  const { id, name, pool } = value as { id?: unknown; name?: unknown; pool?: unknown }
  if (typeof id === 'string' && id !== '') return id
  if (typeof name === 'string' && name !== '') return typeof pool === 'string' && pool !== '' ? `${pool}/${name}` : name
  throw bad(source, number, 'has neither a name nor an id')
}

function bad(source: string, line: number, what: string): Refusal {
  return new Refusal('usage.argument', `--from: line ${line} of ${source === '-' ? 'standard input' : source} ${what}`, 'write one name, pool/name or id a line, or JSON lines with name and pool, or id', { line })
}
