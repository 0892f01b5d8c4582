import { isUtf8 } from 'node:buffer'
import { Refusal } from '../model/errors.js'
import { fileReason } from '../disk/file-reason.js'
import { readBounded } from './read-bounded.js'
import { streams } from './streams.js'

/** A file that a flag names. */
export interface GivenFile {
  /** its path; `-` for standard input */
  source: string
  /** such as --from */
  flag: string
  /** what is in it, for who has to type it */
  what: string
  mostMiB: number
  /** what to do instead when there is more */
  ifMore: string
}

/** What a file is called in messages. */
export function called(source: string): string {
  return source === '-' ? 'standard input' : source
}

/** All of a file, or of standard input. @param tell is told what to do when somebody has to type it @throws Refusal usage.argument */
export function givenBytes({ source, flag, what, mostMiB, ifMore }: GivenFile, tell: (line: string) => void): Buffer {
  if (source === '') throw new Refusal('usage.argument', `${flag} wants a file`, 'name a file, or - for standard input')
  if (source === '-' && !streams().inIsFree) throw new Refusal('usage.argument', `${flag} - cannot be read here: standard input carries the commands`, 'name a file')
  if (source === '-' && process.getBuiltinModule('node:tty').isatty(0)) tell(`reading ${what} from the terminal; Ctrl-D ends`)
  let bytes: Buffer | null
  try {
    bytes = readBounded(source === '-' ? 0 : source, mostMiB * 1_048_576)
  } catch (error) {
    throw new Refusal('usage.argument', `${flag}: cannot read ${called(source)}: ${fileReason(error)}`, 'name a file that can be read, or - for standard input')
  }
  if (bytes) return bytes
  throw new Refusal('usage.argument', `${flag}: ${called(source)} holds more than ${mostMiB} MiB`, ifMore)
}

/** Numbers of the lines that are not UTF-8: no byte of a longer character looks like the end of a line. */
export function garbledLines(bytes: Buffer): ReadonlySet<number> {
  const garbled = new Set<number>()
  for (let number = 1, from = 0; from < bytes.length; number++) {
    const end = bytes.indexOf(10, from)
    const to = end < 0 ? bytes.length : end
    if (!isUtf8(bytes.subarray(from, to))) garbled.add(number)
    from = to + 1
  }
  return garbled
}
