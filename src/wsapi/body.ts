import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'

/** Why a body is not read. */
export class BodyFault extends Error {
  constructor(readonly why: 'too-big' | 'cut' | 'coding' | 'not-utf-8', message: string) {
    super(message)
    this.name = 'BodyFault'
  }
}

/** The body of a message as text: of so many bytes at most, packed and unpacked alike; what is past them is never held. @throws BodyFault */
export function readBody(message: IncomingMessage, mostBytes: number): Promise<string> {
  const coding = message.headers['content-encoding'] ?? 'identity'
  if (coding !== 'identity' && coding !== 'gzip') return Promise.reject(new BodyFault('coding', 'the body is packed in a way that is not gzip'))
  const announced = Number(message.headers['content-length'] ?? 0)
  if (announced > mostBytes) return Promise.reject(new BodyFault('too-big', `the body is larger than ${mostBytes} bytes`))
  return new Promise((resolve, reject) => {
    const source = coding === 'gzip' ? message.pipe(createGunzip()) : message
    const chunks: Buffer[] = []
    let size = 0
    const end = (settle: () => void) => {
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
    const take = (chunk: Buffer) => {
      size += chunk.length
      if (size > mostBytes) fail('too-big', `the body is larger than ${mostBytes} bytes`)
      else chunks.push(chunk)
    }
    if (source !== message) message.on('data', count)
    source.on('data', take)
    source.once('end', () => end(() => {
      const whole = Buffer.concat(chunks)
      if (isUtf8(whole)) resolve(whole.toString('utf8'))
      else reject(new BodyFault('not-utf-8', 'the body is not UTF-8'))
    }))
    source.once('error', () => fail(source === message ? 'cut' : 'coding', source === message ? 'the body was cut off' : 'the body is no gzip'))
    message.once('aborted', () => fail('cut', 'the body was cut off'))
    message.once('close', () => { if (!message.complete) fail('cut', 'the body was cut off') })
  })
}
