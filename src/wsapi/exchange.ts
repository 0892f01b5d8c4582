import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as overTls, type Agent } from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Refusal } from '../model/errors.js'
import { BodyFault, readBody } from './body.js'

/** Where a manager is and how it is spoken to. */
export interface Way {
  url: string
  agent: Agent
  /** what stands in the header Authorization */
  authorization(): Promise<string>
  /** how long an answer may be silent, in milliseconds */
  timeoutMs: number
}

/** What came back: the status, headers and body of an answer. */
export interface Received { status: number; headers: IncomingMessage['headers']; body: string }

/** An exchange that failed. `sent`: the request may have reached the manager, so that what it asks for may have been done. */
export class LostExchange extends Error {
  constructor(readonly sent: boolean, readonly refusal: Refusal) {
    super(refusal.message)
    this.name = 'LostExchange'
  }
}

/** Bytes of an answer that are read, packed and unpacked; and of a request that are sent, which is as much as a manager reads. */
export const mostAnswerBytes = 128 * 1024 * 1024
export const mostRequestBytes = 8 * 1024 * 1024
/** How much longer than the longest silence a whole answer may take: one who drips is not waited for. */
const wholeAnswerFactor = 10
/** From how many bytes on a request is packed for a manager on another machine. */
const packFromBytes = 16_384

const pack = promisify(gzip)
const untrusted = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|OVMCLI_CERTIFICATE)/
const notTls = /^(?:EPROTO|ERR_SSL_|HPE_)/

/** Sends a request and reads the answer, once. @throws LostExchange where none came, or half of one; Refusal where it cannot be had at all */
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
        'content-type': 'text/xml; charset=utf-8', 'content-length': bytes.length, accept: 'text/xml', authorization, ...headers,
        // On the machine itself packing costs more than it saves.
        ...(near ? {} : { 'accept-encoding': 'gzip' }), ...(packed ? { 'content-encoding': 'gzip' } : {}),
      },
    })
    let sent = false
    const lost = (refusal: Refusal) => reject(new LostExchange(sent, refusal))
    // The time-out of a request begins only when its connection is there.
    const silence = new Refusal('manager.unreachable', `the manager at ${url.host} is silent for ${way.timeoutMs / 1000} s`, 'see whether it is well, and the way to it')
    const connecting = setTimeout(() => request.destroy(silence), way.timeoutMs)
    request.once('close', () => clearTimeout(connecting))
    onSecure(request, () => {
      sent = true
      clearTimeout(connecting)
    })
    let answering = false
    request.setTimeout(way.timeoutMs, () => request.destroy(silence))
    request.once('error', error => { if (!answering) lost(refusalOf(error, url)) })
    request.once('response', response => {
      answering = true
      const tooLong = setTimeout(() => request.destroy(), way.timeoutMs * wholeAnswerFactor)
      response.once('close', () => clearTimeout(tooLong))
      readBody(response, mostAnswerBytes).then(
        text => resolve({ status: response.statusCode!, headers: response.headers, body: text }),
        (error: unknown) => {
          request.destroy()
          if (!(error instanceof BodyFault)) reject(error)
          else if (error.why === 'cut') lost(new Refusal('manager.answer', `the answer of the manager at ${url.host} was cut off`, 'ask again; when it happens again, see what is between you and the manager'))
          else if (error.why === 'too-big') reject(new Refusal('manager.answer-size', `the answer of the manager at ${url.host} is larger than ${mostAnswerBytes / 1024 / 1024} MiB`, 'ask for less at once'))
          else reject(notOurs(url, error.message))
        })
    })
    request.end(bytes)
  })
}

/** The refusal of what answers, and is no manager of ours. */
export function notOurs(url: URL, why: string): Refusal {
  return new Refusal('manager.answer', `what answers at ${url.host} is no manager of ours: ${why}`, 'see whether the profile names the right host, port and path')
}

/** Calls back once the connection of a request is there and, with TLS, secure: from then on something of it may arrive. */
function onSecure(request: ClientRequest, then: () => void): void {
  request.once('socket', socket => {
    if (!socket.connecting && (!('encrypted' in socket) || (socket as { secureConnecting?: boolean }).secureConnecting !== true)) return then()
    socket.once('secureConnect', then)
  })
}

/** What is to be said of a connection that failed, or was refused. */
export function refusalOf(error: NodeJS.ErrnoException, url: URL): Refusal {
  if (error instanceof Refusal) return error
  const code = error.code ?? ''
  if (untrusted.test(code)) return new Refusal('manager.certificate', `the certificate of the manager at ${url.host} is not trusted (${code})`, 'if the certificate was changed on purpose, add the profile again')
  if (notTls.test(code)) return new Refusal('manager.plain', `what answers at ${url.host} does not speak TLS as we do (${code})`, 'see whether port and protocol of the profile are right')
  if (code === 'ECONNREFUSED') return new Refusal('manager.unreachable', `nobody listens at ${url.host}`, 'see whether the manager is up (ovmcli manager status there), and whether host and port are right')
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new Refusal('manager.unreachable', `there is no host ${url.hostname}`, 'see whether the profile names the right host')
  return new Refusal('manager.unreachable', `the connection to the manager at ${url.host} was lost (${code || 'cut off'})`, 'see whether the manager is up, and the way to it')
}
