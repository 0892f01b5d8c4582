import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { contractVersion, type Manager } from '../contract/manager.js'
import { validate } from '../contract/requests.js'
import { portMethods, wireMethods, type WireMethod } from '../contract/wire/port.js'
import { Refusal, type Fault } from '../model/errors.js'
import { BodyFault, readBody } from './body.js'
import { callBounds, Calls, type Answer, type CallBounds, type CallKey } from './calls.js'
import { ChangeHub, longestWireWaitMs } from './change-hub.js'
import { decodeFields, SchemaFault } from './codec/decode.js'
import { encode } from './codec/encode.js'
import { methodCodec } from './codec/methods.js'
import { EnvelopeFault, enveloped, farmSpace, farmSpaceStem, faultEnvelope, open, type FaultSide } from './envelope.js'
import { beingStopped } from './being-stopped.js'
import { Pace } from './pace.js'
import { farmPath, portOf, servicePath } from './paths.js'
import { farmWsdl } from './wsdl.js'
import { Room } from './room.js'
import { Tally } from './tally.js'
import { UnderWay } from './under-way.js'
import { write } from './write.js'
import { requestBounds, XmlFault } from './xml/reader.js'

/**
 * Somebody who has shown who he is. The password goes on to the manager, which asks for it of users who have one. `reportsOnly`: what he
 * showed has just ended by a call of his own; he may ask what came of that, and is answered this to all else.
 */
export interface Identified { user: string; password?: string; reportsOnly?: Challenge }

/** Somebody who has not: what to answer (401), and how he may show it (`Basic realm="ovmcli"`). */
export interface Challenge { refusal: Refusal; challenge: string }

/** Bounds on what is answered; bytes, counts and milliseconds. */
export interface ServiceBounds { bodyBytes: number; bodiesBytes: number; untakenBytes: number; untakenOfOneBytes: number; untakenMs: number; underWay: number; gzipFromBytes: number; followMs: number; calls: CallBounds }

const miB = 1024 * 1024
/**
 * 8 MiB of a request, 64 MiB of all of them; 64 MiB of answers to one user that are not taken yet, 256 MiB of all, and 30 s in which
 * nothing of one is taken; 1,000 calls at once; packing from what does not fit a packet or two; and how long a run is followed in one call.
 */
export const serviceBounds: ServiceBounds = { bodyBytes: 8 * miB, bodiesBytes: 64 * miB, untakenBytes: 256 * miB, untakenOfOneBytes: 64 * miB, untakenMs: 30_000, underWay: 1_000, gzipFromBytes: 4_096, followMs: 300, calls: callBounds }

/** What FarmService stands on. */
export interface FarmServiceOptions {
  manager: Manager
  /** who sends a request, by its headers and where it comes from; asked before anything else of it is looked at */
  identify(headers: IncomingHttpHeaders, remoteAddress: string): Promise<Identified | Challenge>
  bounds?: Partial<ServiceBounds>
  /** told of what went wrong in us, under the id that the client was told */
  onDefect?(error: unknown, id: string): void
  /** told of a call that changes nothing, for which nobody asks any more, by the request that the manager got: it may end it */
  onAbandoned?(request: object): void
  /** told of every request that was answered, for logs and metrics */
  onAnswered?(call: AnsweredCall): void
  /** other services under /OVSWS/, by the name of their port; they get who asks, and a body within its bounds */
  others?: Readonly<Record<string, OtherService>>
}

/** A request that was answered; `method` is null where it was none of ours. Times in milliseconds. */
export interface AnsweredCall { user: string | null; method: string | null; status: number; code: string | null; tookMs: number; remoteAddress: string }

/** A service of another kind behind the same door. */
export interface OtherService {
  wsdl(address: string): Promise<string>
  answer(who: Identified, body: string): Promise<Answer>
}

/** The service as a request listener, and its end. */
export interface FarmService {
  listener(req: IncomingMessage, res: ServerResponse): void
  /** Takes no more calls, and resolves when those that are under way have been answered, or the time (milliseconds) is over: whether they all were. */
  drain(mostMs: number): Promise<boolean>
}

/** How long the rest of a request that is refused is awaited, in milliseconds. */
const lastWordMs = 1_000

export { farmPath, servicePath } from './paths.js'

const pack = promisify(gzip)

/** FarmService: the Manager port over SOAP 1.1. */
export function farmService(options: FarmServiceOptions): FarmService {
  return new Service(options)
}

class Service implements FarmService {
  private readonly bounds: ServiceBounds
  private readonly calls: Calls
  private readonly hub: ChangeHub
  private readonly bodies: Room
  private readonly untaken: Room
  private readonly pace: Pace
  private readonly underWay = new UnderWay()
  private readonly underWayOf = new Tally()
  private draining = false
  private readonly ending = new AbortController()

  constructor(private readonly options: FarmServiceOptions) {
    this.bounds = { ...serviceBounds, ...options.bounds }
    this.calls = new Calls(this.bounds.calls)
    this.hub = new ChangeHub(options.manager)
    this.bodies = new Room(this.bounds.bodiesBytes)
    this.untaken = new Room(this.bounds.untakenBytes)
    this.pace = new Pace(user => this.untaken.heldFor(user) >= this.bounds.untakenOfOneBytes)
  }

  readonly listener = (req: IncomingMessage, res: ServerResponse): void => {
    this.underWay.during(() => this.serve(req, res)).catch((error: unknown) => {
      this.options.onDefect?.(error, randomUUID())
      res.destroy()
    })
  }

  async drain(mostMs: number): Promise<boolean> {
    this.draining = true
    this.ending.abort()
    this.pace.close()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>(resolve => { timer = setTimeout(resolve, mostMs, false) })
    try {
      return await Promise.race([this.underWay.ended().then(() => true), late])
    } finally {
      clearTimeout(timer)
    }
  }

  private async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const began = performance.now()
    const remoteAddress = req.socket.remoteAddress ?? ''
    const call: AnsweredCall = { user: null, method: null, status: 0, code: null, tookMs: 0, remoteAddress }
    const left = new AbortController()
    res.once('close', () => { if (!res.writableFinished) left.abort() })
    const reply = await this.reply(req, call, left.signal)
    call.status = reply.status
    await this.send(req, res, reply, call)
    call.tookMs = performance.now() - began
    this.options.onAnswered?.(call)
    if (!res.writableEnded) await farewell(req, res)
  }

  /** What is answered, whatever comes. */
  private async reply(req: IncomingMessage, call: AnsweredCall, left: AbortSignal): Promise<Reply> {
    try {
      if (this.draining) return stopping(call)
      const who = await this.options.identify(req.headers, call.remoteAddress)
      if ('challenge' in who) return challenged(who, call)
      call.user = who.user
      const his = this.underWayOf.of(who.user)
      if (his >= this.bounds.calls.underWay) return busy(call, `${his} calls of ${who.user} are under way`)
      if (this.underWay.size > this.bounds.underWay) return busy(call, `more than ${this.bounds.underWay} calls are under way`)
      this.underWayOf.add(who.user, 1)
      try {
        return await this.routed(req, who, call, left)
      } finally {
        this.underWayOf.add(who.user, -1)
      }
    } catch (error) {
      return this.failed(error, call)
    }
  }

  private async routed(req: IncomingMessage, who: Identified, call: AnsweredCall, left: AbortSignal): Promise<Reply> {
    const [path, query] = (req.url ?? '/').split('?', 2) as [string, string?]
    const other = Object.entries(this.options.others ?? {}).find(([name]) => path === `${servicePath}${portOf(name)}`)
    if (path !== farmPath && !other) return plain(404, 'there is nothing of that name here\n')
    if (req.method === 'GET' && /^wsdl$/i.test(query ?? '')) {
      const address = `${'encrypted' in req.socket ? 'https' : 'http'}://${hostOf(req.headers.host)}${path}`
      return { status: 200, type: 'text/xml; charset=utf-8', text: other ? await other[1].wsdl(address) : farmWsdl(address), headers: {} }
    }
    if (req.method !== 'POST') return plain(405, 'calls are POSTed; GET ?WSDL tells which there are\n', { allow: 'POST, GET' })
    if (!/^\s*text\/xml\s*(;|$)/i.test(req.headers['content-type'] ?? '') || /charset\s*=\s*(?!"?(?:utf-?8|us-ascii)"?\s*(?:;|$))/i.test(req.headers['content-type'] ?? '')) return plain(415, 'a call of SOAP 1.1 is text/xml in UTF-8\n', { connection: 'close' })
    const body = await readBody(req, this.bounds.bodyBytes, { place: this.bodies.enter(who.user), gone: AbortSignal.any([left, this.ending.signal]) })
    if (!(await this.pace.turn(who.user))) return stopping(call)
    if (!other) return this.called(req, who, body, call, left)
    if (who.reportsOnly) return challenged(who.reportsOnly, call)
    const { status, xml } = await this.within(who, body, () => other[1].answer(who, body))
    return { status, type: 'text/xml; charset=utf-8', text: xml, headers: {} }
  }

  private async called(req: IncomingMessage, who: Identified, body: string, call: AnsweredCall, left: AbortSignal): Promise<Reply> {
    const gone = AbortSignal.any([left, this.ending.signal])
    const { method, request } = readCall(body, req.headers['ovmcli-contract'])
    call.method = method
    const { password, reportsOnly } = who
    if (reportsOnly && !reporting.has(method)) return challenged(reportsOnly, call)
    const whole = validate(portMethods[method].request, { ...request, principal: { user: who.user, ...(password === undefined ? {} : { password }) } })
    const begin = (): Promise<Answer> => this.within(who, body, async () => {
      try {
        const { answer } = methodCodec(method)
        const result = await this.invoke(method, whole, gone)
        return { status: 200, xml: enveloped(`${method}Response`, answer === null ? '' : encode('result', answer, result)) }
      } catch (error) {
        const { status, text } = this.failed(error, call)
        return { status, xml: text }
      }
    })
    const key = callKeyOf(req.headers)
    if (!key) return told(await begin())
    const { repeat } = portMethods[method]
    // What changes something is finished, though nobody listens; who only waited holds up nobody, least of all the end of the manager.
    const asking = { waitMs: waitOf(req.headers), ...(repeat === 'again' ? { gone: left, abandon: () => this.options.onAbandoned?.(whole) } : {}) }
    return told(await this.calls.answer(who.user, key, body, repeat, asking, begin))
  }

  /** A call, whose request is held until it ends: that may be long after it was told that it is under way. */
  private async within<T>({ user }: Identified, body: string, work: () => Promise<T>): Promise<T> {
    const place = this.bodies.enter(user)
    place.hold(body.length, null)
    try {
      return await work()
    } finally {
      place.leave()
    }
  }

  /** The call itself. What waits is bounded: who follows is answered after a while, and asks again. */
  private async invoke(method: WireMethod, request: object, gone: AbortSignal): Promise<unknown> {
    const { manager } = this.options
    if (method === 'awaitChange') {
      const { principal, afterRevision, waitMs } = request as Parameters<Manager['awaitChange']>[0]
      return this.hub.next(principal, afterRevision, waitMs, gone)
    }
    if (method === 'followRun') {
      const endsAt = performance.now() + this.bounds.followMs
      for (;;) {
        const progress = await manager.followRun(request as Parameters<Manager['followRun']>[0])
        if (progress.state !== 'running' || performance.now() >= endsAt || gone.aborted) return progress
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    return (manager[method] as (request: unknown) => Promise<unknown>).call(manager, request)
  }

  /** What is answered to what went wrong: the error of the contract where it is one; of a defect only where to look. */
  private failed(error: unknown, call: AnsweredCall): Reply {
    if (error instanceof Refusal) return refused(error.code === 'manager.busy' ? 503 : 500, call, error)
    if (error instanceof BodyFault) {
      if (error.why === 'no-room') return this.draining ? stopping(call) : busy(call, error.message)
      const status = { 'too-big': 413, cut: 400, coding: 415, 'not-utf-8': 400 }[error.why]
      return refused(status, call, new Refusal(error.why === 'too-big' ? 'manager.request-size' : 'usage.request', error.message, error.why === 'too-big' ? 'ask for it in several requests' : null), { connection: 'close' })
    }
    if (error instanceof XmlFault) return refused(500, call, new Refusal('usage.request', `the request is no XML that is read here: ${error.message}`))
    if (error instanceof SchemaFault) return refused(500, call, new Refusal('usage.request', `the request does not have the shape of the contract: ${error.message}`, null, { faults: [error.message] }))
    if (error instanceof EnvelopeFault) return refused(500, call, new Refusal('usage.request', error.message), {}, error.side)
    const id = randomUUID()
    this.options.onDefect?.(error, id)
    return refused(500, call, new Refusal('defect.internal', 'the manager failed in this call', `its log says more under ${id}`, { id }), {}, 'Server')
  }

  private async send(req: IncomingMessage, res: ServerResponse, reply: Reply, { user }: AnsweredCall): Promise<void> {
    if (res.destroyed) return
    const headers: Record<string, string> = { 'content-type': reply.type, 'ovmcli-contract': String(contractVersion), 'cache-control': 'no-store', ...reply.headers }
    let body: string | Buffer = reply.text
    if (Buffer.byteLength(body) >= this.bounds.gzipFromBytes && /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(req.headers['accept-encoding'] ?? ''))) {
      body = await pack(body, { level: 1 })
      headers['content-encoding'] = 'gzip'
    }
    if (this.draining) headers['connection'] = 'close'
    const bytes = Buffer.byteLength(body)
    const place = this.untaken.enter(user ?? '')
    place.hold(bytes, () => { res.destroy() })
    // Ends the connection of one who takes nothing for so long; where there is another request on it, http itself sets it anew.
    req.socket.setTimeout(this.bounds.untakenMs)
    res.writeHead(reply.status, { ...headers, 'content-length': String(bytes) })
    await write(res, body, req.complete)
    place.leave()
    this.pace.resume()
  }
}

/** Calls that tell what came of a run. */
const reporting: ReadonlySet<WireMethod> = new Set(['followRun', 'runReport'])

interface Reply { status: number; type: string; text: string; headers: Record<string, string> }

/** The end of an answer to a request that was not read: as soon as it has come, but not at length. Who is still sending when his connection ends would not hear why. */
async function farewell(req: IncomingMessage, res: ServerResponse): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>(resolve => {
    for (const event of ['end', 'close']) req.once(event, resolve)
    timer = setTimeout(resolve, lastWordMs)
    req.resume()
  })
  clearTimeout(timer)
  res.end()
  if (!req.complete) req.socket.destroySoon()
}

function told({ status, xml }: Answer): Reply {
  return { status, type: 'text/xml; charset=utf-8', text: xml, headers: {} }
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Reply {
  return { status, type: 'text/plain; charset=utf-8', text, headers }
}

function refused(status: number, call: AnsweredCall, { fault }: { fault: Fault }, headers: Record<string, string> = {}, side: FaultSide = 'Client'): Reply {
  call.code = fault.code
  return { ...told({ status, xml: faultEnvelope(side, fault) }), headers }
}

function challenged({ refusal, challenge }: Challenge, call: AnsweredCall): Reply {
  return refused(401, call, refusal, { 'www-authenticate': challenge, connection: 'close' })
}

function busy(call: AnsweredCall, why: string): Reply {
  return refused(503, call, new Refusal('manager.busy', why, 'try again in a while'), { 'retry-after': '1', connection: 'close' })
}

function stopping(call: AnsweredCall): Reply {
  return refused(503, call, beingStopped(), { connection: 'close' })
}

/** The call in a body. @param speaks the version of the contract that its sender says @throws XmlFault, EnvelopeFault, SchemaFault, Refusal manager.version */
export function readCall(body: string, speaks: unknown): { method: WireMethod; request: Record<string, unknown> } {
  const opening = open(body, requestBounds)
  const { name, space, reader } = opening
  if ((speaks !== undefined && speaks !== String(contractVersion)) || (space !== farmSpace && space.startsWith(farmSpaceStem))) {
    throw new Refusal('manager.version', `the manager speaks version ${contractVersion} of the contract, and was asked in another`, 'take an ovmcli of the version of the manager', { speaks: contractVersion })
  }
  if (space !== farmSpace || !wireMethods.includes(name as WireMethod)) throw new SchemaFault('body', `there is no call ${JSON.stringify(name.slice(0, 80))} in ${JSON.stringify(space.slice(0, 80))}`)
  const method = name as WireMethod
  const { request } = methodCodec(method)
  const fields = decodeFields({ reader, space: farmSpace, unknown: 'refuse' }, request.fields, request.byName, method)
  opening.close()
  return { method, request: fields }
}

function callKeyOf(headers: IncomingHttpHeaders): CallKey | null {
  const key = headers['ovmcli-call']
  const age = headers['ovmcli-call-age'] ?? '0'
  if (key === undefined) return null
  if (typeof key !== 'string' || !/^[\w-]{8,80}$/.test(key) || typeof age !== 'string' || !/^\d{1,12}$/.test(age)) throw new Refusal('usage.request', 'the key of the call is malformed', 'Ovmcli-Call: 8 to 80 letters, digits, - and _; Ovmcli-Call-Age: milliseconds')
  return { key, ageMs: Number(age) }
}

/** `Prefer: wait=25` (RFC 7240): how long who asks wants to wait before he is told that the call is still under way; null: to its end. */
function waitOf(headers: IncomingHttpHeaders): number | null {
  const match = /(?:^|,)\s*wait=(\d{1,5})\s*(?:,|;|$)/.exec(String(headers['prefer'] ?? ''))
  return match ? Math.min(Number(match[1]) * 1_000, longestWireWaitMs) : null
}

/** The host that a client named, as far as it can be one: it is repeated to him in the WSDL. */
function hostOf(host: string | undefined): string {
  return host !== undefined && /^[A-Za-z0-9.:[\]_-]{1,255}$/.test(host) ? host : 'localhost'
}
