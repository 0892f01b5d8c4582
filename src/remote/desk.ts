import { request } from 'node:https'
import { connect } from 'node:tls'
import { isIP } from 'node:net'
import { contractVersion } from '../contract/manager.js'
import type { LoginGiven, RemoteDesk, RemoteLogin, RemotePlace } from '../contract/remote.js'
import { errorCodes, Refusal, type ErrorCode } from '../model/errors.js'
import { remoteManager } from '../wsapi/client.js'
import { notOurs, refusalOf } from '../wsapi/exchange.js'
import { farmPath } from '../wsapi/paths.js'
import { fingerprintOf, trustingAgent } from './trusting-agent.js'

/** How long an answer may be silent, in milliseconds; and how much of the answer to a login is read, in bytes. */
const silentMs = 60_000
const mostBytes = 65_536

/** The ways to managers elsewhere. */
export const remoteDesk: RemoteDesk = {
  open: (place, login) => remoteManager({ url: `${place.url}${farmPath}`, agent: trustingAgent(place), authorization: async () => authorizationOf(login), timeoutMs: silentMs }),
  logIn: async (place, user, password) => {
    const given = await ask(place, '/login', authorizationOf({ user, password: () => password })) as Partial<LoginGiven>
    if (typeof given.token !== 'string' || typeof given.user !== 'string' || typeof given.farm !== 'string' || typeof given.expiresAt !== 'string') throw notOurs(new URL(place.url), 'it gives no login')
    return { token: given.token, user: given.user, farm: given.farm, expiresAt: given.expiresAt }
  },
  logOut: async (place, token) => { await ask(place, '/logout', authorizationOf({ token })) },
  fingerprintAt: url => new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(url)
    const name = hostname.replace(/^\[|\]$/g, '')
    const socket = connect({ host: name, port: Number(port || 443), rejectUnauthorized: false, ...(isIP(name) ? {} : { servername: name }) })
    socket.setTimeout(silentMs, () => socket.destroy(new Refusal('manager.unreachable', `what is at ${host} is silent for ${silentMs / 1_000} s`, 'see whether host and port are right')))
    socket.once('error', error => reject(refusalOf(error, new URL(url))))
    socket.once('secureConnect', () => {
      resolve(fingerprintOf(socket))
      socket.destroy()
    })
  }),
}

function authorizationOf(login: RemoteLogin): string {
  return 'token' in login ? `Bearer ${login.token}` : `Basic ${Buffer.from(`${login.user}:${login.password()}`).toString('base64')}`
}

/** One question to the door of a manager; its document. @throws Refusal auth.*, manager.* */
function ask(place: RemotePlace, path: string, authorization: string): Promise<unknown> {
  const url = new URL(place.url)
  return new Promise((resolve, reject) => {
    const agent = trustingAgent(place)
    const asked = request(new URL(path, url), { method: 'POST', agent, headers: { authorization, accept: 'application/json', 'content-length': 0 } })
    asked.setTimeout(silentMs, () => asked.destroy(new Refusal('manager.unreachable', `the manager at ${url.host} is silent for ${silentMs / 1_000} s`, 'see whether it is well, and the way to it')))
    asked.once('error', error => reject(refusalOf(error, url)))
    asked.once('response', response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (more: string) => {
        text += more
        if (text.length > mostBytes) response.destroy(notOurs(url, 'it answers at length'))
      })
      response.once('error', error => reject(error instanceof Refusal ? error : new Refusal('manager.answer', `the answer of the manager at ${url.host} was cut off`, 'ask again; when it happens again, see what is between you and the manager')))
      response.once('end', () => {
        try {
          resolve(documentOf(url, response.statusCode!, String(response.headers['ovmcli-contract'] ?? ''), text))
        } catch (error) {
          reject(error as Error)
        }
      })
    })
    asked.once('close', () => agent.destroy())
    asked.end()
  })
}

/** What a manager said. @throws Refusal where it says no, or is none */
function documentOf(url: URL, status: number, speaks: string, text: string): unknown {
  const document = parsed(text)
  if (document?.service !== 'ovmcli') {
    if (status >= 500) throw new Refusal('manager.http', `the manager at ${url.host}, or a proxy before it, answers with HTTP ${status}`, 'try again in a while')
    throw notOurs(url, `it answers a login with HTTP ${status} and something else than a manager would`)
  }
  if (speaks !== String(contractVersion)) throw new Refusal('manager.version', `the manager at ${url.host} speaks version ${speaks.slice(0, 40)} of the contract, and this ovmcli version ${contractVersion}`, 'take an ovmcli of the version of the manager')
  const { error } = document
  if (error && Object.hasOwn(errorCodes, error.code)) throw new Refusal(error.code, error.message, error.hint, error.details ?? null)
  if (error || status !== 200) throw new Refusal('manager.version', `the manager refuses with ${JSON.stringify(String(error?.code).slice(0, 80))}, which this ovmcli does not know (HTTP ${status})`, 'take an ovmcli of the version of the manager')
  return document
}

interface Answered { service?: unknown; error?: { code: ErrorCode; message: string; hint: string | null; details?: unknown } }

/** The document of a text; null where it is none: then it is some other service that answers. */
function parsed(text: string): Answered | null {
  try {
    return JSON.parse(text) as Answered | null
  } catch {
    return null
  }
}
