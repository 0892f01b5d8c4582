import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { TlsPair } from './service-files.js'

/** How long a certificate of ours holds, in days: the longest that browsers and Apple's TLS take of any. */
const lifeDays = 825
const dayMs = 86_400_000

/** Names and addresses that a certificate is always for: this machine, from itself and by its name. */
export function ownHosts(): string[] {
  return ['localhost', '127.0.0.1', '::1', hostname()]
}

/** A new key (P-256) and a certificate that it signs itself, for these hosts. */
export async function makePair(farm: string, hosts: readonly string[]): Promise<TlsPair> {
  const { generate } = await import('selfsigned')
  const now = Date.now()
  const made = await generate([{ name: 'commonName', value: `ovmcli manager of ${farm}`.slice(0, 64) }], {
    keyType: 'ec', curve: 'P-256', algorithm: 'sha256', notBeforeDate: new Date(now - dayMs), notAfterDate: new Date(now + lifeDays * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [...new Set(hosts)].map(host => (isIP(host) ? { type: 7 as const, ip: host } : { type: 2 as const, value: host })) },
    ],
  })
  return { cert: made.cert, key: made.private }
}
