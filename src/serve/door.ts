import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { contractVersion } from '../contract/manager.js'
import { Refusal } from '../model/errors.js'
import { beingStopped } from '../wsapi/being-stopped.js'
import type { Gate } from './gate.js'
import type { HealthNow } from './health.js'

/** What the door leads to. */
export interface DoorParts {
  farm: string
  gate: Gate
  /** FarmService and its kin, under /OVSWS/ */
  service: RequestListener
  metrics(): string
  isDraining(): boolean
  health(): Promise<HealthNow>
  onDefect(error: unknown): void
}

/** Every request of a manager: health and metrics for whoever asks, logins, and its services. */
export function door(parts: DoorParts): RequestListener {
  const routes: Record<string, (req: IncomingMessage, res: ServerResponse) => Promise<void> | void> = {
    'GET /healthz': async (_, res) => {
      const health = parts.isDraining() ? { status: 'stopping' } : await parts.health()
      json(res, health.status === 'ok' ? 200 : 503, health)
    },
    'GET /metrics': (_, res) => send(res, 200, 'text/plain; version=0.0.4; charset=utf-8', parts.metrics()),
    'POST /login': async (req, res) => {
      if (parts.isDraining()) throw beingStopped()
      const { user, token, expiresAtMs } = await parts.gate.logIn(req.headers, req.socket.remoteAddress ?? '')
      json(res, 200, { service: 'ovmcli', contract: contractVersion, farm: parts.farm, user, token, expiresAt: new Date(expiresAtMs).toISOString() })
    },
    'POST /logout': async (req, res) => {
      await parts.gate.logOut(req.headers, req.socket.remoteAddress ?? '')
      json(res, 200, { service: 'ovmcli' })
    },
  }
  return (req, res) => {
    const [path] = (req.url ?? '/').split('?')
    if (path!.startsWith('/OVSWS/')) return parts.service(req, res)
    const route = routes[`${req.method} ${path}`]
    req.resume()
    if (!route) return json(res, 404, { error: { code: 'manager.http', message: 'there is nothing of that name here', hint: null } })
    Promise.resolve().then(() => route(req, res)).catch((error: unknown) => {
      if (error instanceof Refusal) return json(res, error.code.startsWith('auth.') ? 401 : 503, { service: 'ovmcli', error: error.fault })
      parts.onDefect(error)
      json(res, 500, { service: 'ovmcli', error: { code: 'defect.internal', message: 'the manager failed in this call', hint: 'its log says more' } })
    })
  }
}

function json(res: ServerResponse, status: number, document: object): void {
  send(res, status, 'application/json', `${JSON.stringify(document)}\n`)
}

function send(res: ServerResponse, status: number, type: string, text: string): void {
  if (res.headersSent || res.destroyed) return
  res.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store', 'ovmcli-contract': String(contractVersion), ...(status === 401 ? { 'www-authenticate': 'Basic realm="ovmcli", charset="UTF-8"' } : {}) })
  res.end(text)
}
