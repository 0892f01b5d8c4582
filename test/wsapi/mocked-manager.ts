import { Agent } from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import nock from 'nock'
import { afterAll, afterEach, beforeEach, expect } from 'vitest'
import type { Manager } from '../../src/contract/manager.js'
import type { WireMethod } from '../../src/contract/wire/port.js'
import type { Fault } from '../../src/model/errors.js'
import { remoteManager, type RemoteOptions } from '../../src/wsapi/client.js'
import { encode } from '../../src/wsapi/codec/encode.js'
import { methodCodec } from '../../src/wsapi/codec/methods.js'
import { enveloped, faultEnvelope } from '../../src/wsapi/envelope.js'
import { farmPath } from '../../src/wsapi/paths.js'

/**
 * Managers that nock plays. It stands in for agents, those of ours that pin certificates as well, so that there is no TLS here:
 * that is for real servers (hostile-server.test.ts, test/user/profiles.test.ts). A request that nobody here answers fails the test.
 */
export const host = 'manager.example:4443'
export const place = { url: `https://${host}`, trust: { kind: 'system' as const } }

/** What a manager does with a request: answers it, breaks off in its answer, or is not reached, with an error code of Node's. */
export type Deed = Said | { cut: string | Buffer; headers?: Record<string, string> } | { error: string }
/** An answer. */
export interface Said { status?: number; headers?: Record<string, string>; body?: string | Buffer }
/** A request as it went out; `atMs` by the clock that never jumps. */
export interface Sent { path: string; headers: Record<string, string>; body: string; atMs: number }

// nock puts itself in the place of https.request; whoever imported that by its name before is told here.
syncBuiltinESMExports()
const strays: string[] = []
nock.emitter.on('no match', (request: { method?: string; path?: string; url?: string }) => { strays.push(`${request.method ?? ''} ${request.path ?? request.url ?? ''}`) })
beforeEach(() => { nock.disableNetConnect() })
afterEach(() => {
  const [unasked, unanswered] = [nock.pendingMocks(), strayed()]
  nock.cleanAll()
  expect({ unasked, unanswered }).toEqual({ unasked: [], unanswered: [] })
})
afterAll(() => {
  nock.restore()
  syncBuiltinESMExports()
})

/** What was sent that nobody here answered, and was let out by nobody; it is forgotten. */
export function strayed(): string[] {
  return strays.splice(0)
}

/** Answers the next POSTs at a path, each once, in that order; what was sent. */
export function played(path: string, deeds: readonly Deed[]): Sent[] {
  const sent: Sent[] = []
  for (const deed of deeds) {
    const request = nock(place.url).post(path, () => true)
    if ('error' in deed) {
      request.replyWithError(Object.assign(new Error('as nock was told'), { code: deed.error }))
      continue
    }
    request.reply(function (_, body) {
      const { headers } = this.req as unknown as { headers: Record<string, string> }
      // Bytes that are no text nock gives as hexadecimal digits.
      const text = headers['content-encoding'] === 'gzip' ? gunzipSync(Buffer.from(String(body), 'hex')).toString('utf8') : String(body)
      sent.push({ path, headers, body: text, atMs: performance.now() })
      return 'cut' in deed ? [200, broken(deed.cut), deed.headers ?? ours] : [deed.status ?? 200, deed.body ?? '', deed.headers ?? ours]
    })
  }
  return sent
}

/** A stream that breaks after its first piece. */
function broken(piece: string | Buffer): Readable {
  let pieces = 0
  return new Readable({
    read() {
      if (pieces++ === 0) this.push(piece)
      // Once the piece is on its way.
      else setImmediate(() => this.destroy(new Error('as nock was told')))
    },
  })
}

/** A client of a manager that does these things, and what it was sent. */
export function mocked(deeds: readonly Deed[], options: Partial<RemoteOptions> = {}): { client: Manager; sent: Sent[] } {
  const sent = played(farmPath, deeds)
  return { client: remoteManager({ url: `${place.url}${farmPath}`, agent: new Agent(), authorization: async () => 'Bearer a-token-of-nobody', timeoutMs: 30_000, pausesMs: [1, 1], ...options }), sent }
}

/** The headers of an answer of a manager of ours. */
export const ours = { 'content-type': 'text/xml; charset=utf-8', 'ovmcli-contract': '1' }

/** What a manager answers to a call. */
export function answered(method: WireMethod, value: unknown): Said {
  const { answer } = methodCodec(method)
  return { body: enveloped(`${method}Response`, answer === null ? '' : encode('result', answer, value)) }
}

/** What a manager refuses a call with. */
export function refused(fault: Partial<Omit<Fault, 'code'>> & { code: string }, status = 500, headers: Record<string, string> = ours): Said {
  return { status, headers, body: faultEnvelope('Client', { message: 'm', hint: null, details: null, ...fault } as Fault) }
}

/** A page of a proxy. */
export function page(status: number, headers: Record<string, string> = {}): Said {
  return { status, headers: { 'content-type': 'text/html', ...headers }, body: '<html>something else</html>' }
}

/** A call of a client by its name. */
export function call(manager: Manager, method: WireMethod, request: object): Promise<unknown> {
  return (manager[method] as (request: object) => Promise<unknown>)(request)
}
