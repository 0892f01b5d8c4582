import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as overTls, type Agent } from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Refusal } from '../model/errors.js'
import { cutOff, notOurs } from './answer-refusal.js'
import { BodyFault, readBody } from './body.js'
import { connectionRefusal } from './connection-refusal.js'

/** Where a manager is and how it is spoken to. */
export interface Way {
  url: string
  agent: Agent
  /** what stands in the header Authorization */
  authorization(): Promise<string>
  /** how long an answer may be silent, in milliseconds */
  timeoutMs: number
  /** how much of an answer is read, packed and unpacked, in bytes; else as much as the longest report needs */
  mostAnswerBytes?: number
}

/** What came back: the status, headers and body of an answer. */
export interface Received { status: number; headers: IncomingMessage['headers']; body: string }

/** An exchange without an answer that says what became of the request. `sent`: it may have reached the manager, so that what it asks for may have been done; `again`: another attempt may fare better. */
export class LostExchange extends Error {
  constructor(readonly refusal: Refusal, readonly sent: boolean, readonly again: boolean) {
    super(refusal.message)
    this.name = 'LostExchange'
  }
}

/** Bytes of an answer that are read; and of a request that are sent, which is as much as a manager reads. */
export const mostAnswerBytes = 128 * 1024 * 1024
export const mostRequestBytes = 8 * 1024 * 1024
/** How much longer than the longest silence the head of an answer may take, and a whole answer. */
const slowest = { head: 2, whole: 10 } as const
/** What comes at the least of an answer, in bytes a second, over a time as long as the longest silence: one who drips is not waited for. */
const leastBytesPerSecond = 1_024
/** From how many bytes on a request is packed for a manager on another machine. */
const packFromBytes = 16_384

const pack = promisify(gzip)
/** Trouble that another attempt would meet as well. */
const lasting: readonly string[] = ['manager.certificate', 'manager.host', 'manager.plain']

/** Sends a request and reads the answer, once; whatever its status, no other address is asked. @throws LostExchange where none came, or none that can be read; Refusal where nothing is sent */
export async function exchange(way: Way, body: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Received> {
  const authorization = await way.authorization()
  const url = new URL(way.url)
  const near = /^(?:localhost|127\.|\[::1\])/.test(url.hostname)
  let bytes: Buffer = Buffer.from(body, 'utf8')
  if (bytes.length > mostRequestBytes) throw new Refusal('manager.request-size', `the request is larger than the ${mostRequestBytes / 1024 / 1024} MiB that a manager reads`, 'ask for it in several requests')
  const packed = !near && bytes.length >= packFromBytes
  if (packed) bytes = await pack(bytes, { level: 1 })
  return new Promise((resolve, reject) => {
    const request = overTls(url, {
      method: 'POST', agent: way.agent, ...(signal ? { signal } : {}),
      headers: {
        'content-length': bytes.length, authorization, ...headers,
        // On the machine itself packing costs more than it saves.
        ...(near ? {} : { 'accept-encoding': 'gzip' }), ...(packed ? { 'content-encoding': 'gzip' } : {}),
      },
    })
    let sent = false
    const lost = (refusal: Refusal) => reject(new LostExchange(refusal, sent, !lasting.includes(refusal.code)))
    const most = way.mostAnswerBytes ?? mostAnswerBytes
    // The time-out of a request begins only when its connection is there.
    const silence = new Refusal('manager.unreachable', `the manager at ${url.host} is silent for ${way.timeoutMs / 1000} s`, 'see whether it is well, and the way to it')
    const connecting = setTimeout(() => request.destroy(silence), way.timeoutMs)
    request.once('close', () => clearTimeout(connecting))
    onSecure(request, () => {
      sent = true
      clearTimeout(connecting)
    })
    let answering = false
    const tooSlow = new Refusal('manager.answer', `the answer of the manager at ${url.host} comes too slowly to be waited for`, 'ask again; when it happens again, see what is between you and the manager')
    request.once('finish', () => {
      const headless = setTimeout(() => request.destroy(tooSlow), way.timeoutMs * slowest.head)
      for (const event of ['response', 'close']) request.once(event, () => clearTimeout(headless))
    })
    request.setTimeout(way.timeoutMs, () => request.destroy(silence))
    request.once('error', error => { if (!answering) lost(connectionRefusal(error, url)) })
    request.once('response', response => {
      answering = true
      const drips = mustKeepComing(response, way.timeoutMs)
      readBody(response, most).then(
        text => resolve({ status: response.statusCode!, headers: response.headers, body: text }),
        (error: unknown) => {
          request.destroy()
          if (!(error instanceof BodyFault)) reject(error)
          else if (error.why === 'cut') lost(drips() ? tooSlow : cutOff(url))
          else if (error.why === 'too-big') reject(new LostExchange(new Refusal('manager.answer-size', `the answer of the manager at ${url.host} is larger than the ${most / 1024 / 1024} MiB that are read`, 'ask for less at once'), true, false))
          else reject(new LostExchange(notOurs(url, error.message), true, false))
        })
    })
    request.end(bytes)
  })
}

/** Destroys an answer that takes too long as a whole, or of which too little comes in a while; whether it did. */
function mustKeepComing(response: IncomingMessage, silentMs: number): () => boolean {
  let given = false
  let since = 0
  const giveUp = () => {
    given = true
    response.destroy()
  }
  const tooLong = setTimeout(giveUp, silentMs * slowest.whole)
  const watch = setInterval(() => {
    if (since < (silentMs / 1_000) * leastBytesPerSecond) giveUp()
    since = 0
  }, silentMs)
  response.on('data', (chunk: Buffer) => { since += chunk.length })
  response.once('close', () => {
    clearTimeout(tooLong)
    clearInterval(watch)
  })
  return () => given
}

/** Calls back once the connection of a request is there and, with TLS, secure: from then on something of it may arrive. One whose certificate is not the trusted one is destroyed in that moment, and carries nothing. */
function onSecure(request: ClientRequest, then: () => void): void {
  request.once('socket', socket => {
    if (!socket.connecting && (!('encrypted' in socket) || (socket as { secureConnecting?: boolean }).secureConnecting !== true)) return then()
    socket.once('secureConnect', () => { if (!socket.destroyed) then() })
  })
}
