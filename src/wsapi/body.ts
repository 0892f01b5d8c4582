import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'
import type { Place } from './room.js'

/** Why a body is not read. */
export class BodyFault extends Error {
  constructor(readonly why: 'too-big' | 'cut' | 'coding' | 'not-utf-8' | 'no-room', message: string) {
    super(message)
    this.name = 'BodyFault'
  }
}

/** Pieces put together as they come, in blocks that grow: a body in pieces of a byte would take a hundred times its size if they were kept as they are. */
class Pieces {
  private readonly full: Buffer[] = []
  private block = Buffer.alloc(0)
  private used = 0
  size = 0

  add(piece: Buffer): void {
    const fits = Math.min(piece.length, this.block.length - this.used)
    piece.copy(this.block, this.used, 0, fits)
    this.used += fits
    this.size += piece.length
    if (fits === piece.length) return
    this.full.push(this.block)
    this.block = Buffer.allocUnsafe(Math.max(piece.length - fits, this.size))
    this.used = piece.copy(this.block, 0, fits)
  }

  whole(): Buffer {
    const last = this.block.subarray(0, this.used)
    return this.full.length > 1 ? Buffer.concat([...this.full, last]) : last
  }
}

/** The body of a message as text: of so many bytes at most, packed and unpacked alike; what is past them is never held. @param on where it is held while it comes in, which is given up when room is short, and what ends the reading @throws BodyFault */
export function readBody(message: IncomingMessage, mostBytes: number, on: { place: Place; gone: AbortSignal } | null = null): Promise<string> {
  const coding = message.headers['content-encoding'] ?? 'identity'
  if (coding !== 'identity' && coding !== 'gzip') return Promise.reject(new BodyFault('coding', 'the body is packed in a way that is not gzip'))
  const announced = Number(message.headers['content-length'] ?? 0)
  if (announced > mostBytes) return Promise.reject(new BodyFault('too-big', `the body is larger than ${mostBytes} bytes`))
  return new Promise((resolve, reject) => {
    const source = coding === 'gzip' ? message.pipe(createGunzip()) : message
    const pieces = new Pieces()
    const end = (settle: () => void) => {
      on?.place.leave()
      on?.gone.removeEventListener('abort', giveUp)
      message.off('data', count)
      source.off('data', take)
      if (source !== message) {
        message.unpipe()
        ;(source as ReturnType<typeof createGunzip>).destroy()
      }
      settle()
    }
    const fail = (why: BodyFault['why'], text: string) => end(() => reject(new BodyFault(why, text)))
    let packed = 0
    const count = (chunk: Buffer) => { if ((packed += chunk.length) > mostBytes) fail('too-big', `the body is larger than ${mostBytes} bytes`) }
    const giveUp = () => fail('no-room', 'there is no room for the body now')
    const take = (piece: Buffer) => {
      if (pieces.size + piece.length > mostBytes) return fail('too-big', `the body is larger than ${mostBytes} bytes`)
      pieces.add(piece)
      on?.place.hold(pieces.size, giveUp)
    }
    if (on?.gone.aborted) return giveUp()
    on?.gone.addEventListener('abort', giveUp)
    if (source !== message) message.on('data', count)
    source.on('data', take)
    source.once('end', () => end(() => {
      const whole = pieces.whole()
      if (isUtf8(whole)) resolve(whole.toString('utf8'))
      else reject(new BodyFault('not-utf-8', 'the body is not UTF-8'))
    }))
    source.once('error', () => fail(source === message ? 'cut' : 'coding', source === message ? 'the body was cut off' : 'the body is no gzip'))
    message.once('aborted', () => fail('cut', 'the body was cut off'))
    message.once('close', () => { if (!message.complete) fail('cut', 'the body was cut off') })
  })
}
