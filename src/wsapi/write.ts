import type { ServerResponse } from 'node:http'

/** How much is written at once, in characters or bytes: TLS keeps a second copy of what is under way. */
const pieceLength = 65_536

/** Writes a body no faster than it is taken, and ends the answer unless somebody else does (`ends` false). Resolves when that is done, or the connection is gone. */
export async function write(res: ServerResponse, body: string | Buffer, ends: boolean): Promise<void> {
  const gone = new Promise<void>(resolve => { res.once('close', resolve) })
  let from = 0
  while (body.length - from > pieceLength && !res.destroyed) {
    const piece = pieceOf(body, from)
    from += piece.length
    if (!res.write(piece)) await Promise.race([gone, new Promise<void>(resolve => { res.once('drain', resolve) })])
  }
  if (res.destroyed) return
  const last = part(body, from)
  await Promise.race([gone, new Promise<void>(resolve => { if (ends) res.end(last, resolve); else res.write(last, () => resolve()) })])
}

/** A pair of surrogates stays together. */
function pieceOf(body: string | Buffer, from: number): string | Buffer {
  const piece = part(body, from, from + pieceLength)
  return typeof piece === 'string' && /[\uD800-\uDBFF]$/.test(piece) ? piece.slice(0, -1) : piece
}

function part(body: string | Buffer, from: number, to?: number): string | Buffer {
  return typeof body === 'string' ? body.slice(from, to) : body.subarray(from, to)
}
