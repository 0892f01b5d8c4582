import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import type { Manager } from '../../src/contract/manager.js'
import { Refusal } from '../../src/model/errors.js'
import { remoteManager } from '../../src/wsapi/client.js'
import { boundedServer, listenBounds, type BoundedServer, type ListenBounds, type Unserved } from '../../src/wsapi/listen.js'
import { farmPath, farmService, type FarmService, type FarmServiceOptions } from '../../src/wsapi/service.js'

const file = (name: string) => readFileSync(fileURLToPath(new URL(`tls/${name}`, import.meta.url)))

/** The certificate of the test servers, for localhost and 127.0.0.1, and its key: of no use elsewhere. */
export const tls = { key: file('key.pem'), cert: file('cert.pem') }

/** Logs in as whoever the user name of HTTP Basic says, with whatever password. */
export const believing: FarmServiceOptions['identify'] = async headers => {
  const [, given] = /^Basic (.+)$/.exec(headers.authorization ?? '') ?? []
  const [user] = Buffer.from(given ?? '', 'base64').toString().split(':')
  if (!user) return { refusal: new Refusal('auth.denied', 'nobody is logged in', 'log in first'), challenge: 'Basic realm="ovmcli"' }
  return { user }
}

export function basic(user: string, password = 'x'): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

const servers: BoundedServer[] = []
const agents: Agent[] = []
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy()
  for (const server of servers.splice(0)) await server.close()
})

/** A manager behind a real https server. */
export interface Served { url: string; port: number; service: FarmService; server: BoundedServer; client(options?: Partial<Parameters<typeof remoteManager>[0]> & { user?: string }): Manager }

export async function serve(manager: Manager, options: Partial<FarmServiceOptions> = {}, { onUnserved, ...bounds }: Partial<ListenBounds> & { onUnserved?: (why: Unserved, address: string) => void } = {}): Promise<Served> {
  const service = farmService({ manager, identify: believing, ...options })
  const server = boundedServer(service.listener, tls, { ...listenBounds, ...bounds }, onUnserved)
  servers.push(server)
  await new Promise<void>(resolve => { server.server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.server.address() as AddressInfo
  return { url: `https://127.0.0.1:${port}${farmPath}`, port, service, server, client: given => clientOf(port, given) }
}

/** A client of whatever listens at a port. */
export function clientOf(port: number, { user = 'admin', ...given }: Partial<Parameters<typeof remoteManager>[0]> & { user?: string } = {}): Manager {
  const agent = new Agent({ keepAlive: true, ca: tls.cert })
  agents.push(agent)
  return remoteManager({ url: `https://127.0.0.1:${port}${farmPath}`, agent, authorization: async () => basic(user), timeoutMs: 30_000, ...given })
}
