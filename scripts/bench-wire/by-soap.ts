// The same with the soap package, for `node scripts/bench-wire.mjs`: WORK PORT CERT WSDL.
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import axios from 'axios'
import { createClientAsync } from 'soap'

const [work, port, cert, wsdl] = process.argv.slice(2) as [string, string, string, string]

async function main(): Promise<unknown> {
  if (work === 'loaded') return null
  const httpsAgent = new Agent({ keepAlive: true, ca: readFileSync(cert) })
  try {
    const client = (await createClientAsync(wsdl, { request: axios.create({ httpsAgent }) as never, endpoint: `https://127.0.0.1:${port}/OVSWS/FarmServiceSoapHttpPort` })) as unknown as Record<'showAsync' | 'listAsync', (args: object) => Promise<[{ result: { json: string } }]>>
    const nil = { attributes: { 'xsi:nil': 'true' } }
    if (work === 'client') return null
    if (work === 'show') return (await client.showAsync({ kind: 'vm', names: { item: ['vm20-0125'] }, columns: nil }))[0].result
    return (await client.listAsync({ kind: 'vm', narrowing: { pools: {}, servers: {}, states: {}, tags: {}, filters: {}, exclude: {} }, columns: nil, sort: nil, limit: nil, cursor: nil }))[0].result.json
  } finally {
    httpsAgent.destroy()
  }
}

void main().then(result => { process.stdout.write(typeof result === 'string' ? result : JSON.stringify(result)) })
