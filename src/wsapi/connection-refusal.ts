import { Refusal } from '../model/errors.js'

/** Codes of certificates that are not to be trusted, and of what does not speak TLS, or speaks it and no HTTP in it (Node's and OpenSSL's). */
const untrusted = /^(?:CERT_|CRL_|DEPTH_ZERO|ERROR_IN_|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH)/
const notTls = /^(?:EPROTO|ERR_SSL_)/
const notHttp = /^HPE_/

type Words = (url: URL, code: string) => [message: string, hint: string]

/** What to say of a way to a manager, by the code of its error. */
const unreachable: Readonly<Record<string, Words>> = {
  ECONNREFUSED: ({ host }) => [`nobody listens at ${host}`, 'see whether the manager is up (ovmcli manager status there), and whether host and port are right'],
  ENOTFOUND: ({ hostname }) => [`there is no host ${hostname}`, 'see whether the host is named right'],
  EAI_AGAIN: ({ hostname }) => [`the name ${hostname} cannot be looked up now`, 'see whether this machine is on the network, or name the manager by its address'],
  EHOSTUNREACH: noWay, ENETUNREACH: noWay, EHOSTDOWN: noWay, ENETDOWN: noWay,
  ETIMEDOUT: ({ host }, code) => [`the manager at ${host} does not answer (${code})`, 'see whether it is up, and whether host and port are right and a firewall lets you through'],
}

/** What to say of certificates that would be trusted at another time. */
const untimely: Readonly<Record<string, Words>> = {
  CERT_HAS_EXPIRED: ({ host }) => [`the certificate of the manager at ${host} has expired`, 'see whether the clock of this machine is right; if it is, have another made there: ovmcli manager init --force'],
  CERT_NOT_YET_VALID: ({ host }) => [`the certificate of the manager at ${host} is not valid yet`, 'see whether the clocks of this machine and of the manager are right'],
}

/** What is to be said of a connection that failed, or was refused. */
export function connectionRefusal(error: NodeJS.ErrnoException, url: URL): Refusal {
  if (error instanceof Refusal) return error
  const code = error.code ?? ''
  const { host } = url
  if (untrusted.test(code)) return new Refusal('manager.certificate', ...(untimely[code]?.(url, code) ?? [`the certificate of the manager at ${host} is not trusted (${code})`, 'name the CA that signed it: --ca FILE; if the certificate was changed on purpose, add the profile again'] as const))
  if (notTls.test(code)) return new Refusal('manager.plain', `what answers at ${host} does not speak TLS as we do (${code})`, 'see whether host and port are those of a manager')
  if (notHttp.test(code)) return new Refusal('manager.answer', `what answers at ${host} does not speak HTTP as we do (${code})`, 'see whether host and port are those of a manager')
  return new Refusal('manager.unreachable', ...(unreachable[code] ?? lost)(url, code))
}

function noWay({ host }: URL, code: string): ReturnType<Words> {
  return [`no way leads to the manager at ${host} (${code})`, 'see whether this machine is on the network, and a firewall lets you through']
}

function lost({ host }: URL, code: string): ReturnType<Words> {
  return [`the connection to the manager at ${host} was lost (${code || 'cut off'})`, 'see whether the manager is up, and the way to it']
}
