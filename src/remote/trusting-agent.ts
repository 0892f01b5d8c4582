import { createHash } from 'node:crypto'
import { Agent, type AgentOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { checkServerIdentity, type TLSSocket } from 'node:tls'
import type { RemotePlace } from '../contract/remote.js'
import { Refusal } from '../model/errors.js'

/** An agent whose connections are to the manager that is trusted, or are none: nothing is sent before that is known. */
export function trustingAgent({ url, trust }: RemotePlace): Agent {
  const { host } = new URL(url)
  const manner: AgentOptions = { keepAlive: true, maxCachedSessions: 0, minVersion: 'TLSv1.2' }
  if (trust.kind === 'pinned') return new PinningAgent(host, trust.fingerprint, manner)
  return new Agent({
    ...manner, ...(trust.kind === 'ca' ? { ca: trust.pem } : {}),
    checkServerIdentity: (name, certificate) => {
      const fault = checkServerIdentity(name, certificate)
      return fault && new Refusal('manager.host', `the certificate of the manager at ${host} is for another host: ${certificate.subjectaltname ?? 'it names none'}`, 'name the manager as its certificate does, or make one for this name: ovmcli manager init --host NAME --force')
    },
  })
}

/** The certificate that was seen first is the only one, whoever signed it and whatever host it names, as with ssh. */
class PinningAgent extends Agent {
  constructor(private readonly host: string, private readonly fingerprint: string, options: AgentOptions) {
    super({ ...options, rejectUnauthorized: false })
  }

  override createConnection(...words: Parameters<Agent['createConnection']>): Duplex | null | undefined {
    const socket = super.createConnection(...words) as TLSSocket
    // Node sends what was written meanwhile only after this listener: a connection that is destroyed in it sends nothing.
    socket.prependListener('secureConnect', () => {
      const shown = fingerprintOf(socket)
      if (shown === this.fingerprint) return
      socket.destroy(new Refusal('manager.certificate', `the certificate of the manager at ${this.host} is another one than was trusted: ${shown}`, 'if it was renewed on purpose, trust the new one: ovmcli profile add NAME --trust-on-first-use; if not, somebody may stand between', { expected: this.fingerprint, shown }))
    })
    return socket
  }
}

/** The fingerprint of the certificate that the other side showed: SHA-256, as openssl prints it. */
export function fingerprintOf(socket: TLSSocket): string {
  return createHash('sha256').update(socket.getPeerCertificate().raw).digest('hex').toUpperCase().replace(/(..)(?=.)/g, '$1:')
}
