import { Refusal } from '../../model/errors.js'
import type { Watch } from './watch.js'

/** What an error code of a connection means to people. */
const reasons: Record<string, string> = {
  ENOTFOUND: 'there is no host of that name', EAI_AGAIN: 'the name of the host could not be looked up', ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'it broke the connection off', EPIPE: 'it broke the connection off', ETIMEDOUT: 'it does not answer', EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there', EPROTO: 'it does not speak TLS', ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
}

/** Codes of certificates that are not to be trusted (Node's and OpenSSL's). */
const untrusted = /^(?:ERR_TLS_CERT|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)|INVALID_CA|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)/

/**
 * The refusal for a source that could not be asked, out of the error of a library: of that only its code is said, since its
 * text may hold what is secret. @param way how messages say what lies between, such as ` through the proxy http://p:3128`
 */
export function unreachable(shown: string, way: string, error: unknown, watch: Watch): Refusal {
  if (error instanceof Refusal) return error
  if (watch.silent) return new Refusal('import.unreachable', `${shown} did not answer within ${seconds(watch)}${way}`, 'try again later')
  const code = codeOf(error)
  if (untrusted.test(code)) return new Refusal('import.untrusted', `the certificate of ${shown} is not to be trusted (${code})`, 'have its authority trusted: NODE_EXTRA_CA_CERTS names a file of certificates')
  return new Refusal('import.unreachable', `${shown} cannot be reached${way}: ${reasons[code] ?? (code.startsWith('HPE_') ? 'it does not speak HTTP' : code === '' ? 'it does not work' : `it does not work (${code})`)}`, way ? 'look whether the address and the proxy are right' : 'look whether the address is right, and whether a proxy is needed')
}

/** The refusal for a transfer that stopped in the middle. */
export function cut(shown: string, doneBytes: number, totalBytes: number | null, error: unknown, watch: Watch): Refusal {
  const why = watch.silent ? `nothing came for ${seconds(watch)}` : error === null ? 'it ended' : reasons[codeOf(error)] ?? 'the connection broke off'
  return new Refusal('import.cut', `the transfer of ${shown} was cut after ${doneBytes}${totalBytes === null ? '' : ` of ${totalBytes}`} bytes: ${why}`, 'import again: what has come is gone on from where the source allows it')
}

function seconds(watch: Watch): string {
  return `${watch.silenceMs / 1_000} s`
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null
  const cause = error instanceof Error ? error.cause : null
  if (cause instanceof Error && 'code' in cause && (code === null || code === 'ERR_BAD_REQUEST')) return codeOf(cause)
  return typeof code === 'string' || typeof code === 'number' ? String(code) : ''
}
