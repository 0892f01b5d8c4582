import { connect } from 'node:tls'
import { isIP } from 'node:net'
import type { RemoteDesk, RemoteLogin, RemotePlace } from '../contract/remote.js'
import { Refusal } from '../model/errors.js'
import { notOurs } from '../wsapi/answer-refusal.js'
import { remoteManager } from '../wsapi/client.js'
import { connectionRefusal } from '../wsapi/connection-refusal.js'
import { exchange, LostExchange } from '../wsapi/exchange.js'
import { farmPath } from '../wsapi/paths.js'
import { withoutSecrets } from '../wsapi/without-secrets.js'
import { doorDocument, isToken, loginIn } from './login-answer.js'
import { fingerprintOf, trustingAgent } from './trusting-agent.js'

/** How long an answer may be silent, in milliseconds; and how much of the answer to a login is read, in bytes. */
const silentMs = 30_000
const mostBytes = 65_536

/** The ways to managers elsewhere. */
export const remoteDesk: RemoteDesk = {
  open: (place, login) => remoteManager({ url: `${place.url}${farmPath}`, agent: trustingAgent(place), authorization: async () => authorizationOf(login), timeoutMs: place.silentMs ?? silentMs }),
  logIn: async (place, user, password) => {
    const document = await ask(place, '/login', { user, password: () => password })
    return loginIn(new URL(place.url), document, Date.now())
  },
  logOut: async (place, token) => { await ask(place, '/logout', { token }) },
  fingerprintAt: url => new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(url)
    const name = hostname.replace(/^\[|\]$/g, '')
    const socket = connect({ host: name, port: Number(port || 443), rejectUnauthorized: false, ...(isIP(name) ? {} : { servername: name }) })
    socket.setTimeout(silentMs, () => socket.destroy(new Refusal('manager.unreachable', `what is at ${host} is silent for ${silentMs / 1_000} s`, 'see whether host and port are right')))
    socket.once('error', error => reject(connectionRefusal(error, new URL(url))))
    socket.once('secureConnect', () => {
      resolve(fingerprintOf(socket))
      socket.destroy()
    })
  }),
}

/** What stands in the header Authorization. @throws Refusal where it cannot stand there */
function authorizationOf(login: RemoteLogin): string {
  if ('token' in login) {
    if (!isToken(login.token)) throw new Refusal('auth.token', 'the login that is kept is damaged', 'log in again: ovmcli profile add NAME')
    return `Bearer ${login.token}`
  }
  // What follows the first colon would go out as the password of somebody else (RFC 7617).
  if (login.user.includes(':')) throw new Refusal('auth.unknown-user', `nobody is called ${JSON.stringify(login.user.slice(0, 80))}: a name holds no colon`, 'see how the user is spelt')
  return `Basic ${Buffer.from(`${login.user}:${login.password()}`).toString('base64')}`
}

/** One question to the door of a manager; its document. @throws Refusal auth.*, manager.* */
async function ask(place: RemotePlace, path: string, login: RemoteLogin): Promise<object> {
  const url = new URL(path, place.url)
  const authorization = authorizationOf(login)
  const agent = trustingAgent(place)
  try {
    return doorDocument(url, await exchange({ url: url.href, agent, authorization: async () => authorization, timeoutMs: place.silentMs ?? silentMs, mostAnswerBytes: mostBytes }, '', { accept: 'application/json' }))
  } catch (error) {
    const refusal = error instanceof LostExchange ? error.refusal : error
    if (!(refusal instanceof Refusal)) throw refusal
    throw withoutSecrets(refusal.code === 'manager.answer-size' ? notOurs(url, 'it answers at length') : refusal, authorization)
  } finally {
    agent.destroy()
  }
}
