import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { contractVersion, type ChangeNotice, type Manager } from '../contract/manager.js'
import type { ChangeRequest } from '../contract/requests.js'
import { portMethods, type WireMethod } from '../contract/wire/port.js'
import { Refusal } from '../model/errors.js'
import { encodeFields } from './codec/encode.js'
import { methodCodec } from './codec/methods.js'
import { enveloped, farmSpace } from './envelope.js'
import { exchange, LostExchange, type Way } from './exchange.js'
import { isOurs, readAnswer } from './read-answer.js'
import { withoutSecrets } from './without-secrets.js'

/** What a remote manager is reached by; `url` is that of FarmService. */
export interface RemoteOptions extends Way {
  /** how often a call is repeated whose connection was lost, and after how many milliseconds each time; else twice, after 50 and 400 */
  pausesMs?: readonly number[]
}

const usualPausesMs = [50, 400] as const
/** How long a call may be under way before the manager says that it is, in seconds; then it is asked again. */
const mostPatienceSeconds = 20
const runs = 'run list shows what was begun'
/** Calls that change something: of one whose answer never came nobody knows whether it was carried out, and where that can be seen. */
const changing: Readonly<Partial<Record<WireMethod, string>>> = { startRun: runs, resumeRun: runs, retryRun: runs, undoRun: runs, abortJobs: 'job list shows what became of them', moveClock: 'farm status shows the time of the farm' }

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
  private readonly pausesMs: readonly number[]
  /** after how long nothing is asked again, in milliseconds */
  private readonly mostMs: number

  constructor(private readonly way: RemoteOptions) {
    this.url = new URL(way.url)
    this.patienceSeconds = Math.max(1, Math.min(mostPatienceSeconds, Math.floor(way.timeoutMs / 2_000)))
    this.pausesMs = way.pausesMs ?? usualPausesMs
    this.mostMs = way.timeoutMs * 1.5
  }

  /** One call; repeated when the connection is lost, and while the manager says that it is still at it. */
  async call(method: WireMethod, request: object, signal?: AbortSignal): Promise<unknown> {
    const body = enveloped(method, encodeFields(methodCodec(method).request.fields, request))
    // By its key a repeat gets the answer of the first. Who awaits a change only looks, and is to be let go when his connection ends.
    const key = method === 'awaitChange' ? null : randomUUID()
    try {
      return await this.answered(method, body, key, signal)
    } catch (error) {
      throw error instanceof Refusal ? withoutSecrets(error, await this.way.authorization()) : error
    }
  }

  /** In calls of a while each, since proxies and address translators cut what is silent for long. */
  async awaitChange(request: ChangeRequest): Promise<ChangeNotice> {
    const stop = new AbortController()
    this.awaiting.add(stop)
    const endsAt = performance.now() + request.waitMs
    const asked: ChangeRequest = { ...request, waitMs: Math.min(request.waitMs, this.patienceSeconds * 1_000) }
    try {
      for (;;) {
        const askedAt = performance.now()
        const notice = (await this.call('awaitChange', asked, stop.signal)) as ChangeNotice
        if (notice.changed || performance.now() >= endsAt) return notice
        await this.notAtOnce(askedAt, stop.signal)
        asked.waitMs = Math.max(0, Math.min(Math.ceil(endsAt - performance.now()), this.patienceSeconds * 1_000))
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

  private async answered(method: WireMethod, body: string, key: string | null, signal?: AbortSignal): Promise<unknown> {
    const began = performance.now()
    let maySent = false
    let asked = began
    for (let attempt = 0; ;) {
      const askedAt = performance.now()
      const headers: Record<string, string> = {
        'content-type': 'text/xml; charset=utf-8', accept: 'text/xml', soapaction: `"${farmSpace}#${method}"`, 'ovmcli-contract': String(contractVersion),
        ...(key === null ? {} : { 'ovmcli-call': key, prefer: `wait=${this.patienceSeconds}`, ...(maySent ? { 'ovmcli-call-age': String(Math.ceil(askedAt - began)) } : {}) }),
      }
      try {
        const received = await exchange(this.way, body, headers, signal)
        if (received.status !== 202 || key === null || !isOurs(received)) return readAnswer(this.url, method, received)
        maySent = true
        attempt = 0
        asked = performance.now()
        await this.notAtOnce(askedAt)
      } catch (error) {
        if (!(error instanceof LostExchange) || signal?.aborted) throw error
        maySent ||= error.sent
        // Who was silent once is asked again, for his connection may have died unnoticed; not more often.
        const pauseMs = error.again && performance.now() - asked < this.mostMs ? this.pausesMs[attempt++] : undefined
        if (pauseMs === undefined) throw maySent && changing[method] !== undefined ? this.unknown(method, error.refusal) : error.refusal
        await pause(pauseMs, undefined, { signal })
      }
    }
  }

  /** Whoever says again and again at once that there is nothing yet is not asked more often than one is whose connection was lost. */
  private async notAtOnce(askedAt: number, signal?: AbortSignal): Promise<void> {
    const leftMs = Math.max(0, ...this.pausesMs) - (performance.now() - askedAt)
    if (leftMs > 0) await pause(leftMs, undefined, { signal })
  }

  private unknown(method: WireMethod, why: Refusal): Refusal {
    return new Refusal('manager.no-answer', `the manager was asked for ${method}, and what became of that is not known: ${why.message}`, `look before asking again: ${changing[method]}`)
  }
}
