import { isUtf8 } from 'node:buffer'

/** A line of a stream: its number from 1, and its text, or what is wrong with it. */
export type Line = { number: number; text: string } | { number: number; fault: string }

/** The longest that a line may be, in bytes. */
const longestLine = 65_536

/** The lines of a stream as they come in, without their ends; a line that is no text is told as such, and the next is read. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let number = 0
  let parts: Buffer[] = []
  let length = 0
  const take = (part: Buffer) => {
    length += part.length
    // Of a line that is too long no more is kept than tells so.
    if (length - part.length <= longestLine) parts.push(part)
  }
  const ended = (): Line => {
    const line = lineOf(++number, Buffer.concat(parts), length)
    parts = []
    length = 0
    return line
  }
  for await (const chunk of stream) {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      take(chunk.subarray(from, end))
      yield ended()
      from = end + 1
    }
    if (from < chunk.length) take(chunk.subarray(from))
  }
  if (length > 0) yield ended()
}

function lineOf(number: number, bytes: Buffer, length: number): Line {
  if (length > longestLine) return { number, fault: `is longer than ${longestLine} bytes` }
  if (!isUtf8(bytes)) return { number, fault: 'is not UTF-8' }
  const text = bytes.toString('utf8').replace(/\r$/, '').replace(number === 1 ? /^\uFEFF/ : '', '')
  // A tab parts words; other control characters are no text.
  return /[\u0000-\u0008\u000b-\u001f\u007f]/.test(text) ? { number, fault: 'holds control characters' } : { number, text }
}
