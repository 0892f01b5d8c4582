import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Listening, ServeOrder } from '../contract/service.js'
import { managerOver } from '../embedded/open.js'
import { allKnown } from '../manager/people/logins.js'
import { Refusal } from '../model/errors.js'
import { SimClock } from '../sim/clock.js'
import { World } from '../sim/world.js'
import type { Store } from '../store/store.js'
import { boundedServer, listenBounds, type BoundedServer } from '../wsapi/listen.js'
import { oracleServices } from '../wsapi/oracle/operations.js'
import { farmService, type OtherService } from '../wsapi/service.js'
import { claim, claimUrl, unclaim } from '../embedded/claim.js'
import { door } from './door.js'
import { Gate } from './gate.js'
import { Health } from './health.js'
import type { Journal } from './journal.js'
import { Metrics } from './metrics.js'
import { drainMs, ServedManager } from './served-manager.js'
import { certificateFacts, type TlsPair } from './service-files.js'
import { shared } from './shared-store.js'
import { UnservedConnections } from './unserved.js'

/** The stores of a farm. */
export interface Stores { repository: Store; world: Store }

/** How a farm is to be served. */
export interface ServedOrder extends ServeOrder { farm: string; fetchFolder: string }

/** Serves a farm over its stores until `stop` aborts; closes them. @throws Refusal manager.served, manager.listen */
export async function serveFarm(order: ServedOrder, stores: Stores, tls: TlsPair, journal: Journal, stop: AbortSignal, onListening: (where: Listening) => Promise<void>): Promise<void> {
  try {
    await claim(stores.repository, order.farm)
    try {
      await serveClaimed(order, stores, tls, journal, stop, onListening)
    } finally {
      await unclaim(stores.repository)
    }
  } finally {
    await stores.repository.close()
    await stores.world.close()
  }
}

async function serveClaimed(order: ServedOrder, stores: Stores, tls: TlsPair, journal: Journal, stop: AbortSignal, onListening: (where: Listening) => Promise<void>): Promise<void> {
  const metrics = new Metrics()
  const trouble = (event: string, error: unknown) => journal.error(event, error instanceof Refusal ? { code: error.code, message: error.message } : { message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  const gate = new Gate({ store: stores.repository, farmNowMs: async () => (await new SimClock(new World(stores.world)).reading()).farmNow, journal, metrics })
  const health = new Health(stores.repository)
  const [repository, world] = [health.watched(), shared(stores.world)]
  const lane = () => managerOver(order.farm, repository, world, { fetchFolder: order.fetchFolder }, allKnown)
  const manager = new ServedManager(lane, trouble, principal => gate.pardon(principal))
  let underWay = 0
  const service = farmService({
    manager, identify: (headers, address) => gate.identify(headers, address), others: servicesOf22(manager, error => { trouble('defect', error) }),
    onAbandoned: request => { manager.abandon(request) },
    onDefect: (error, id) => { trouble(`defect ${id}`, error) },
    onAnswered: ({ user, method, status, code, tookMs, remoteAddress }) => {
      metrics.add('ovmcli_calls_total', 1, { method: method ?? 'none', code: code ?? 'ok' })
      metrics.add('ovmcli_call_seconds_total', tookMs / 1_000, { method: method ?? 'none' })
      // Who may not is to be found among the warnings.
      journal[code?.startsWith('auth.') ? 'warn' : 'info']('call', { user, method, status, code, tookMs: Math.round(tookMs), address: remoteAddress })
    },
  })
  const servers: BoundedServer[] = []
  const connections = () => Promise.all(servers.map(({ server }) => new Promise<number>(resolve => { server.getConnections((error, count) => resolve(error ? 0 : count)) })))
  let open = 0
  const listener = door({
    farm: order.farm, gate, isDraining: () => stop.aborted, health: () => health.now(), onDefect: error => { trouble('defect', error) },
    metrics: () => metrics.text({ ovmcli_runs_driven: manager.drivenRuns, ovmcli_calls_under_way: underWay, ovmcli_connections: open }),
    service: (req, res) => {
      underWay++
      res.once('close', () => { underWay-- })
      service.listener(req, res)
    },
  })
  const counting = setInterval(() => void connections().then(counts => { open = counts.reduce((sum, one) => sum + one, 0) }), 1_000)
  counting.unref()
  try {
    const unserved = new UnservedConnections(journal, metrics)
    const served = (by: TlsPair | null) => boundedServer(listener, by, listenBounds, (why, address) => unserved.note(why, address))
    const secure = served(tls)
    const plain = order.httpPort === null ? null : served(null)
    servers.push(secure, ...(plain ? [plain] : []))
    const url = `https://${await listen(secure.server, order.listen, order.httpsPort)}`
    const httpUrl = plain && `http://${await listen(plain.server, order.listen, order.httpPort!)}`
    await claimUrl(stores.repository, url)
    manager.attend()
    journal.info('listening', { url, httpUrl, farm: order.farm, pid: process.pid })
    await onListening({ url, httpUrl, farm: order.farm, fingerprint: certificateFacts(tls.cert).fingerprint })
    await new Promise<void>(resolve => {
      if (stop.aborted) resolve()
      else stop.addEventListener('abort', () => resolve(), { once: true })
    })
    journal.info('stopping', { runs: manager.drivenRuns })
    for (const server of servers) server.retire()
    // Runs first: who follows one is answered when it has been interrupted.
    const [, drained] = await Promise.all([manager.close(), service.drain(drainMs), gate.close()])
    journal.info('stopped', { drained })
  } finally {
    clearInterval(counting)
    for (const server of servers) await server.close()
  }
}

/** The services of Oracle VM 2.2; what they stand on is loaded when somebody asks for one. */
function servicesOf22(manager: ServedManager, onDefect: (error: unknown) => void): Record<string, OtherService> {
  let loaded: Promise<Record<string, OtherService>> | null = null
  const load = () => (loaded ??= import('../wsapi/oracle/services.js').then(({ oracle22 }) => oracle22(manager, onDefect)))
  return Object.fromEntries(Object.keys(oracleServices).map(name => [name, { wsdl: async address => (await load())[name]!.wsdl(address), answer: async (who, body) => (await load())[name]!.answer(who, body) } satisfies OtherService]))
}

/** Listens; the address as it stands in a URL. @throws Refusal manager.listen */
function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = { EADDRINUSE: 'somebody listens there already', EACCES: 'that is not allowed', EADDRNOTAVAIL: 'this machine has no such address', ENOTFOUND: 'there is no such address' }[error.code ?? ''] ?? error.code ?? error.message
      reject(new Refusal('manager.listen', `the manager cannot listen at ${host}, port ${port}: ${why}`, 'choose another with --https-port, --http-port or --listen'))
    })
    server.listen(port, host, () => {
      const { address, family, port: bound } = server.address() as AddressInfo
      resolve(`${family === 'IPv6' ? `[${address}]` : address}:${bound}`)
    })
  })
}
