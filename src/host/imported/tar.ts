import { Refusal } from '../../model/errors.js'

/** A file in an archive; `text` is what is in it, where it was wanted. */
export interface ArchivedFile { name: string; bytes: number; text: string | null }

/** What an archive may hold at most. */
interface Bounds { mostBytes: number; mostFiles: number; mostTextBytes: number }

const block = 512

/**
 * The files of a tar archive (POSIX ustar and pax, GNU long names), read once from front to end. Nothing is written, so no name in
 * it can do harm; links, devices and sparse files are refused, since what they stand for does not come with them.
 * @throws Refusal import.archive; import.too-big
 */
export async function readTar(shown: string, pieces: AsyncIterable<Uint8Array>, wanted: (name: string) => boolean, { mostBytes, mostFiles, mostTextBytes }: Bounds): Promise<ArchivedFile[]> {
  const bytes = new Bytes(shown, pieces)
  const files: ArchivedFile[] = []
  let total = 0
  let longName: string | null = null
  let pax: Map<string, string> = new Map()
  for (;;) {
    const header = await bytes.take(block)
    if (header.every(byte => byte === 0)) return files
    const { name: plain, size: told, type } = headOf(shown, header)
    const name = pax.get('path') ?? longName ?? plain
    const size = pax.has('size') ? Number(pax.get('size')) : told
    if (!Number.isSafeInteger(size) || size < 0) throw broken(shown, `the size of ${name} makes no sense`)
    const small = async () => {
      if (size > mostTextBytes) throw broken(shown, `${name} is too long`)
      return (await bytes.take(padded(size))).subarray(0, size)
    }
    if (type === 'L') { longName = text(await small()); continue }
    if (type === 'x') { pax = paxOf(await small()); continue }
    if (type === 'g') { await small(); continue }
    if (type === 'S' || [...pax.keys()].some(key => key.startsWith('GNU.sparse.'))) throw broken(shown, `${name} is a sparse file`, 'make the archive without --sparse')
    if (type === '5') await bytes.skip(padded(size))
    else if (type === '0' || type === '\0' || type === '7') {
      total += size
      if (total > mostBytes) throw new Refusal('import.too-big', `what is in ${shown} has at least ${total} bytes, and there is room for ${mostBytes}`, 'make room, or import to where there is more')
      if (files.length === mostFiles) throw broken(shown, `it holds more than ${mostFiles} files`)
      if (wanted(name)) files.push({ name, bytes: size, text: (await small()).toString('utf8') })
      else {
        await bytes.skip(padded(size))
        files.push({ name, bytes: size, text: null })
      }
    } else throw broken(shown, `${name} is neither a file nor a folder`, 'links and devices are not imported: put the files themselves there')
    longName = null
    pax = new Map()
  }
}

/** Whether the beginning of a file is that of a tar archive. */
export function isTar(start: Buffer): boolean {
  return start.length >= block && start.toString('latin1', 257, 262) === 'ustar'
}

/** The refusal of an archive. */
export function broken(shown: string, why: string, hint = 'a guest comes as a tar or tar.gz of its vm.cfg and its disks'): Refusal {
  return new Refusal('import.archive', `${shown} cannot be taken: ${why}`, hint)
}

function headOf(shown: string, header: Buffer): { name: string; size: number; type: string } {
  const sum = header.reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0)
  if (!isTar(header) || octal(header, 148, 8) !== sum) throw broken(shown, 'it is no sound tar archive')
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? text(header.subarray(345, 500)) : ''
  const name = text(header.subarray(0, 100))
  // GNU writes what octal digits cannot hold in binary.
  const size = (header[124]! & 0x80) === 0 ? octal(header, 124, 12) : header.subarray(125, 136).reduce((all, byte) => all * 256 + byte, 0)
  return { name: prefix === '' ? name : `${prefix}/${name}`, size, type: String.fromCharCode(header[156]!) }
}

function octal(bytes: Buffer, at: number, length: number): number {
  const digits = text(bytes.subarray(at, at + length)).trim()
  return /^[0-7]*$/.test(digits) ? parseInt(digits || '0', 8) : NaN
}

function text(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

/** Records of a pax header: `LENGTH KEY=VALUE`, each with a line break. */
function paxOf(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < bytes.length;) {
    const [whole, digits = ''] = /^(\d{1,8}) /.exec(bytes.toString('latin1', at, at + 9)) ?? []
    if (!whole || Number(digits) <= whole.length) break
    const [, key = '', value = ''] = /^([^=]*)=(.*)\n$/s.exec(bytes.toString('utf8', at + whole.length, at + Number(digits))) ?? []
    records.set(key, value)
    at += Number(digits)
  }
  return records
}

function padded(size: number): number {
  return Math.ceil(size / block) * block
}

/** Bytes of a stream, as many as are asked for. */
class Bytes {
  private readonly pieces: AsyncIterator<Uint8Array>
  private rest: Buffer = Buffer.alloc(0)

  constructor(private readonly shown: string, pieces: AsyncIterable<Uint8Array>) {
    this.pieces = pieces[Symbol.asyncIterator]()
  }

  async take(count: number): Promise<Buffer> {
    const parts = [this.rest]
    let have = this.rest.length
    while (have < count) {
      const piece = await this.next()
      parts.push(piece)
      have += piece.length
    }
    const all = Buffer.concat(parts)
    this.rest = all.subarray(count)
    return all.subarray(0, count)
  }

  async skip(count: number): Promise<void> {
    let left = count - this.rest.length
    if (left <= 0) { this.rest = this.rest.subarray(count); return }
    for (;;) {
      const piece = await this.next()
      if (piece.length >= left) { this.rest = piece.subarray(left); return }
      left -= piece.length
    }
  }

  private async next(): Promise<Buffer> {
    const { done, value } = await this.pieces.next()
    if (done) throw broken(this.shown, 'it ends in the middle')
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  }
}
