import { isUtf8 } from 'node:buffer'
import type { TargetRef } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { called, garbledLines, givenBytes } from './given-file.js'

const mostMiB = 64
const mostTargets = 200_000
/** The longest that a line may be, in characters. */
const longestLine = 4_096
/** How many bad lines are named. */
const namedLines = 10

/**
 * Targets from a file or standard input (`-`): one a line, `#` comments and blank lines skipped, CRLF and a byte order mark
 * fine; or JSON lines with `name` and optional `pool`, or `id`. Each line is judged by itself.
 * @param tell is told what to do when somebody has to type them @throws Refusal usage.argument
 */
export function readTargets(source: string, tell: (line: string) => void = () => {}): TargetRef[] {
  const bytes = givenBytes({ source, flag: '--from', what: 'targets, one a line,', mostMiB, ifMore: 'select so many by --all, --pool, --tag or --filter' }, tell)
  return targetsOf(bytes.toString('utf8'), source, isUtf8(bytes) ? null : garbledLines(bytes))
}

/** The targets in the text of a --from file. @throws Refusal usage.argument naming the lines */
export function parseTargets(text: string, source: string): TargetRef[] {
  return targetsOf(text, source, null)
}

/** The targets of a text, all its lines judged in one pass; `garbled` are lines known to be bad already. */
function targetsOf(text: string, source: string, garbled: ReadonlySet<number> | null): TargetRef[] {
  const targets: TargetRef[] = []
  const bad: { line: number; what: string }[] = []
  let [count, badCount] = [0, 0]
  for (let number = 1, from = text.startsWith('\uFEFF') ? 1 : 0; from < text.length; number++) {
    const end = text.indexOf('\n', from)
    const to = end < 0 ? text.length : end
    const judged = garbled?.has(number) ? { what: 'is not UTF-8' } : to - from > longestLine ? { what: `is longer than ${longestLine} characters` } : judge(text.slice(from, to).trim())
    from = to + 1
    if (judged === null) continue
    if ('what' in judged) {
      if (badCount++ < namedLines) bad.push({ line: number, what: judged.what })
    } else if (++count <= mostTargets) targets.push(judged.target)
  }
  if (badCount > 0) throw badLines(bad, badCount, source)
  if (count > mostTargets) throw new Refusal('usage.argument', `--from: ${called(source)} names ${count} targets, and ${mostTargets} are allowed`, 'select so many by --all, --pool, --tag or --filter')
  return targets
}

type Judged = { target: TargetRef } | { what: string } | null

/** Control characters, characters that were lost before, and halves of characters: no name or id holds any. */
const noText = /[\u0000-\u001f\u007f-\u009f\ufffd]|\p{Cs}/u

/** What a line is: a target, what is wrong with it, or nothing. */
function judge(line: string): Judged {
  if (line === '' || line.startsWith('#')) return null
  const json = '{["]'.includes(line[0]!) ? judgeJson(line) : null
  return json ?? (noText.test(line) ? { what: 'holds what is not text' } : { target: line })
}

/** What a line that looks like JSON is; null for a glob that begins with a `[`. */
function judgeJson(line: string): Judged {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return line.startsWith('[') && line !== '[' ? null : { what: 'is not JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { what: 'is JSON, but no object' }
  const { id, name, pool } = value as { id?: unknown; name?: unknown; pool?: unknown }
  if (id !== undefined) return isText(id) ? { target: { id } } : { what: 'has an id that is no text' }
  if (name === undefined) return { what: 'has neither a name nor an id' }
  if (!isText(name)) return { what: 'has a name that is no text' }
  if (pool === undefined || pool === null) return { target: { name, pool: null } }
  return isText(pool) ? { target: { name, pool } } : { what: 'has a pool that is no text' }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !noText.test(value)
}

function badLines(lines: { line: number; what: string }[], count: number, source: string): Refusal {
  const more = count > 1 ? ` (and ${count - 1} more bad ${count === 2 ? 'line' : 'lines'})` : ''
  const hint = 'write one name, pool/name, id or glob a line, or JSON lines with name and pool, or id, such as vm list -o jsonl prints'
  return new Refusal('usage.argument', `--from: line ${lines[0]!.line} of ${called(source)} ${lines[0]!.what}${more}`, hint, { lines, count })
}
