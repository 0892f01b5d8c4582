import { contractVersion } from '../contract/manager.js'
import { Refusal } from '../model/errors.js'
import type { Received } from './exchange.js'

/** The refusal of what answers, and is no manager of ours. */
export function notOurs(url: URL, why: string): Refusal {
  return new Refusal('manager.answer', `what answers at ${url.host} is no manager of ours: ${why}`, 'see whether host and port are those of a manager')
}

/** The refusal of an answer that ended before its end. */
export function cutOff(url: URL): Refusal {
  return new Refusal('manager.answer', `the answer of the manager at ${url.host} was cut off`, 'ask again; when it happens again, see what is between you and the manager')
}

/** The refusal of a manager that speaks another version of the contract. @param theirs what it says, which is told only where it is a version */
export function otherVersion(url: URL, theirs: string): Refusal {
  const which = /^\d{1,6}$/.test(theirs) ? `speaks version ${theirs}` : theirs === '' ? 'does not say which version it speaks' : 'speaks some other version'
  return new Refusal('manager.version', `the manager at ${url.host} ${which} of the contract, and this ovmcli version ${contractVersion}`, takeItsVersion)
}

/** The refusal of a manager that refuses with a code of a later contract. */
export function unknownCode(url: URL, code: string, status: number): Refusal {
  const which = /^[a-z][a-z.-]{0,79}$/.test(code) ? `with ${code}` : 'with a code'
  return new Refusal('manager.version', `the manager at ${url.host} refuses ${which}, which this ovmcli does not know (HTTP ${status})`, takeItsVersion)
}

const takeItsVersion = 'take an ovmcli of the version of the manager'
const later = 'try again in a while'
const noManager = 'see whether host and port are those of a manager'
/** What to do about a status of HTTP, where that is not what follows from its hundred. */
const hints: Readonly<Record<number, string>> = { 407: 'a proxy before the manager wants a login of its own: ask whoever runs it', 408: later, 429: later }

/** The refusal of an answer that says nothing but a status of HTTP: an error of the manager or of a proxy before it, or something else altogether. */
export function httpRefusal(url: URL, { status, headers }: Pick<Received, 'status' | 'headers'>): Refusal {
  const who = `the manager at ${url.host}, or a proxy before it,`
  if (status === 401) return new Refusal('auth.denied', `${who} does not let you in (HTTP 401)`, 'log in again: ovmcli profile add NAME')
  if (status === 403) return new Refusal('auth.denied', `${who} does not let you in (HTTP 403)`, 'log in again: ovmcli profile add NAME; when that does not help, ask whoever runs the proxy')
  if (status === 413) return new Refusal('manager.request-size', `${who} does not read a request of that size (HTTP 413)`, 'ask for it in several requests, or have the proxy let 8 MiB through')
  if (status >= 300 && status < 400) return new Refusal('manager.http', `${who} sends elsewhere (HTTP ${status}), where no login is sent`, 'name the host and port of the manager itself')
  return new Refusal('manager.http', `${who} answers with HTTP ${status}`, hintFor(status, headers['retry-after']))
}

/** @param retryAfter what the header says, in seconds; a date is not read */
function hintFor(status: number, retryAfter: string | undefined): string {
  const hint = hints[status] ?? (status >= 500 ? later : noManager)
  return hint === later && /^\d{1,6}$/.test(retryAfter ?? '') ? `try again in ${Number(retryAfter)} s` : hint
}
