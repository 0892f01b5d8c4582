import { randomUUID } from 'node:crypto'
import { contractVersion, type ChangeNotice, type Manager } from '../contract/manager.js'
import type { ChangeRequest } from '../contract/requests.js'
import { portMethods, type WireMethod } from '../contract/wire/port.js'
import { Refusal } from '../model/errors.js'
import { decode, SchemaFault } from './codec/decode.js'
import { encodeFields } from './codec/encode.js'
import { methodCodec } from './codec/methods.js'
import { EnvelopeFault, enveloped, farmSpace, farmSpaceStem, open, readFault, soapSpace } from './envelope.js'
import { exchange, LostExchange, notOurs, type Received, type Way } from './exchange.js'
import { answerBounds, XmlFault } from './xml/reader.js'

/** What a remote manager is reached by; `url` is that of FarmService. */
export interface RemoteOptions extends Way {
  /** how often a call is repeated whose connection was lost, and after how many milliseconds each time; else twice, after 50 and 400 */
  pausesMs?: readonly number[]
}

const usualPausesMs = [50, 400] as const
/** How long a call may be under way before the manager says that it is, in seconds; then it is asked again. */
const mostPatienceSeconds = 20
/** Calls that change something: of one whose answer never came nobody knows whether it was carried out. */
const changing: ReadonlySet<WireMethod> = new Set(['startRun', 'resumeRun', 'retryRun', 'undoRun', 'abortJobs', 'moveClock'])

/** The Manager port of a manager elsewhere, over SOAP. */
export function remoteManager(options: RemoteOptions): Manager {
  const remote = new Remote(options)
  const call = (method: WireMethod) => (request: object) => remote.call(method, request)
  const methods = Object.fromEntries((Object.keys(portMethods) as WireMethod[]).map(method => [method, call(method)]))
  return {
    ...(methods as unknown as Omit<Manager, 'awaitChange' | 'stopAwaiting' | 'close'>),
    awaitChange: request => remote.awaitChange(request),
    stopAwaiting: async () => remote.stopAwaiting(),
    close: async () => remote.close(),
  }
}

class Remote {
  private readonly url: URL
  private readonly awaiting = new Set<AbortController>()
  private readonly patienceSeconds: number

  constructor(private readonly way: RemoteOptions) {
    this.url = new URL(way.url)
    this.patienceSeconds = Math.max(1, Math.min(mostPatienceSeconds, Math.floor(way.timeoutMs / 2_000)))
  }

  /** One call; repeated when the connection is lost, and while the manager says that it is still at it. */
  async call(method: WireMethod, request: object, signal?: AbortSignal): Promise<unknown> {
    const { request: shape, answer } = methodCodec(method)
    const body = enveloped(method, encodeFields(shape.fields, request))
    // By its key a repeat gets the answer of the first. Who awaits a change only looks, and is to be let go when his connection ends.
    const key = method === 'awaitChange' ? null : randomUUID()
    const received = await this.received(method, body, key, signal)
    return this.answerOf(method, answer, received)
  }

  /** In calls of a while each, since proxies and address translators cut what is silent for long. */
  async awaitChange(request: ChangeRequest): Promise<ChangeNotice> {
    const stop = new AbortController()
    this.awaiting.add(stop)
    const endsAt = performance.now() + request.waitMs
    const asked: ChangeRequest = { ...request, waitMs: Math.min(request.waitMs, this.patienceSeconds * 1_000) }
    try {
      for (;;) {
        const notice = (await this.call('awaitChange', asked, stop.signal)) as ChangeNotice
        const leftMs = Math.ceil(endsAt - performance.now())
        if (notice.changed || leftMs <= 0) return notice
        asked.waitMs = Math.min(leftMs, this.patienceSeconds * 1_000)
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error
      // Ended by us: what the manager says now, at once.
      return (await this.call('awaitChange', { ...request, waitMs: 0 })) as ChangeNotice
    } finally {
      this.awaiting.delete(stop)
    }
  }

  stopAwaiting(): void {
    for (const stop of this.awaiting) stop.abort()
  }

  close(): void {
    this.stopAwaiting()
    this.way.agent.destroy()
  }

  private async received(method: WireMethod, body: string, key: string | null, signal?: AbortSignal): Promise<Received> {
    const began = performance.now()
    let maySent = false
    for (let attempt = 0; ;) {
      const age = Math.ceil(performance.now() - began)
      const headers: Record<string, string> = {
        soapaction: `"${farmSpace}#${method}"`, 'ovmcli-contract': String(contractVersion),
        ...(key === null ? {} : { 'ovmcli-call': key, prefer: `wait=${this.patienceSeconds}`, ...(maySent ? { 'ovmcli-call-age': String(age) } : {}) }),
      }
      try {
        const received = await exchange(this.way, body, headers, signal)
        if (received.status !== 202 || key === null) return received
        maySent = true
        attempt = 0
      } catch (error) {
        if (!(error instanceof LostExchange) || signal?.aborted) throw error
        maySent ||= error.sent
        const pauseMs = (this.way.pausesMs ?? usualPausesMs)[attempt++]
        if (pauseMs === undefined || ['manager.certificate', 'manager.plain'].includes(error.refusal.code)) throw maySent && changing.has(method) ? this.unknown(method, error.refusal) : error.refusal
        await new Promise(resolve => setTimeout(resolve, pauseMs))
      }
    }
  }

  private unknown(method: WireMethod, why: Refusal): Refusal {
    return new Refusal('manager.no-answer', `the manager was asked for ${method}, and no answer came: ${why.message}`, 'look before asking again: run list shows what was begun')
  }

  private answerOf(method: WireMethod, answer: ReturnType<typeof methodCodec>['answer'], { status, headers, body }: Received): unknown {
    const speaks = headers['ovmcli-contract']
    if (speaks !== undefined && speaks !== String(contractVersion)) throw this.otherVersion(String(speaks))
    if (!/^\s*text\/xml\s*(;|$)/i.test(headers['content-type'] ?? '')) throw this.notXml(status)
    try {
      const opened = open(body, answerBounds)
      const { reader, name, space } = opened
      if (name === 'Fault' && space === soapSpace) {
        const read = readFault(opened)
        opened.close()
        throw read ? this.refusalOf(read, status) : this.notXml(status)
      }
      if (space !== farmSpace && space.startsWith(farmSpaceStem)) throw this.otherVersion(space.slice(farmSpaceStem.length))
      if (status !== 200 || space !== farmSpace || name !== `${method}Response`) throw notOurs(this.url, 'it answers something else than it was asked')
      let result: unknown
      if (answer !== null) {
        if (!reader.enter() || !reader.is('result', farmSpace)) throw new SchemaFault(method, 'the result is missing')
        result = decode({ reader, space: farmSpace, unknown: 'skip' }, answer, method)
      }
      while (reader.enter()) reader.skip()
      reader.leave()
      opened.close()
      return result
    } catch (error) {
      if (error instanceof XmlFault || error instanceof EnvelopeFault) throw notOurs(this.url, error.message)
      if (error instanceof SchemaFault) throw new Refusal('manager.answer', `the answer of the manager at ${this.url.host} does not have the shape of the contract: ${error.message}`, 'see whether the manager is newer than this ovmcli')
      throw error
    }
  }

  private refusalOf({ known, fault }: { known: boolean; fault: { code: string } }, status: number): Refusal {
    if (!known) return new Refusal('manager.version', `the manager refuses with ${JSON.stringify(fault.code.slice(0, 80))}, which this ovmcli does not know (HTTP ${status})`, 'take an ovmcli of the version of the manager')
    return Refusal.from(fault as Parameters<typeof Refusal.from>[0])
  }

  private otherVersion(theirs: string): Refusal {
    return new Refusal('manager.version', `the manager at ${this.url.host} speaks version ${theirs.slice(0, 40)} of the contract, and this ovmcli version ${contractVersion}`, 'take an ovmcli of the version of the manager')
  }

  /** No SOAP came: an error of HTTP by the manager or a proxy, or something else altogether. */
  private notXml(status: number): Refusal {
    if (status === 401 || status === 403) return new Refusal('auth.denied', `the manager at ${this.url.host} does not let you in (HTTP ${status})`, 'log in again')
    if (status >= 200 && status < 300) return notOurs(this.url, 'it does not answer in XML')
    return new Refusal('manager.http', `the manager at ${this.url.host}, or a proxy before it, answers with HTTP ${status}`, status >= 500 ? 'try again in a while' : 'see whether host, port and path of the profile are right')
  }
}
