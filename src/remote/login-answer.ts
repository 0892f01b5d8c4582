import * as v from 'valibot'
import { contractVersion } from '../contract/manager.js'
import type { LoginGiven } from '../contract/remote.js'
import { errorCodes, Refusal, type ErrorCode } from '../model/errors.js'
import { httpRefusal, notOurs, otherVersion, unknownCode } from '../wsapi/answer-refusal.js'
import { isTooDeep } from '../wsapi/codec/decode.js'
import type { Received } from '../wsapi/exchange.js'

/** What of a refusal at the door is read; a newer manager may say more. */
const refusalShape = v.object({ code: v.string(), message: v.string(), hint: v.nullish(v.string(), null), details: v.optional(v.unknown(), null) })
const tokenRule = /^[\w.~+/-]{1,4096}=*$/
const loginShape = v.object({ token: v.pipe(v.string(), v.regex(tokenRule)), user: v.pipe(v.string(), v.nonEmpty()), farm: v.pipe(v.string(), v.nonEmpty()), expiresAt: v.pipe(v.string(), v.isoTimestamp(), v.check(text => !Number.isNaN(Date.parse(text)))) })

/** Whether a text can be the token of a login, and stand in a header as it is (RFC 6750). */
export function isToken(text: string): boolean {
  return tokenRule.test(text)
}

/** Statuses of HTTP that a proxy says, and no stranger to whom a login means nothing. */
const ofProxies: readonly number[] = [407, 408, 429]

/** The document that a manager answers at its door. @throws Refusal where it says no, or is none */
export function doorDocument(url: URL, received: Received): object {
  const { status, headers, body } = received
  const document = parsed(body)
  if (document?.['service'] !== 'ovmcli') {
    if (status >= 500 || ofProxies.includes(status)) throw httpRefusal(url, received)
    throw notOurs(url, `it answers with HTTP ${status} and something else than a manager would`)
  }
  const speaks = String(headers['ovmcli-contract'] ?? '')
  if (speaks !== String(contractVersion)) throw otherVersion(url, speaks)
  const { error } = document
  if (error !== undefined && error !== null) throw refusalOf(url, error, status)
  if (status !== 200) throw httpRefusal(url, received)
  return document
}

/** The login in the document of a manager. @throws Refusal manager.answer where there is none, or one that holds no more */
export function loginIn(url: URL, document: object, nowMs: number): LoginGiven {
  const { success, output } = v.safeParse(loginShape, document)
  if (!success) throw notOurs(url, 'it gives no login')
  if (Date.parse(output.expiresAt) <= nowMs) throw new Refusal('manager.answer', `the manager at ${url.host} gives a login that has expired already, at ${output.expiresAt}`, 'see whether the clocks of this machine and of the manager are right')
  const { token, user, farm, expiresAt } = output
  return { token, user, farm, expiresAt }
}

function refusalOf(url: URL, error: unknown, status: number): Refusal {
  const { success, output } = v.safeParse(refusalShape, error)
  if (!success || isTooDeep(output.details)) return notOurs(url, 'it refuses in a way that is not of the contract')
  const { code, message, hint, details } = output
  return Object.hasOwn(errorCodes, code) ? new Refusal(code as ErrorCode, message, hint, details) : unknownCode(url, code, status)
}

/** The document of a text; null where it is none: then it is some other service that answers. */
function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const document: unknown = JSON.parse(text)
    return typeof document === 'object' ? document as Readonly<Record<string, unknown>> | null : null
  } catch {
    return null
  }
}
