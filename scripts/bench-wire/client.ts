// Work of our client for `node scripts/bench-wire.mjs`: WORK PORT CERT [POOL,...].
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { noNarrowing } from '../../src/contract/requests.js'
import { remoteManager } from '../../src/wsapi/client.js'

const [work, port, cert, pools] = process.argv.slice(2) as [string, string, string, string?]
const principal = { user: 'admin' }
const narrowing = { ...noNarrowing, pools: pools ? pools.split(',') : [] }

async function main(): Promise<unknown> {
  if (work === 'loaded') return null
  const manager = remoteManager({ url: `https://127.0.0.1:${port}/OVSWS/FarmServiceSoapHttpPort`, agent: new Agent({ keepAlive: true, ca: readFileSync(cert) }), authorization: async () => 'Basic YWRtaW46eA==', timeoutMs: 60_000 })
  try {
    if (work === 'show') return await manager.show({ principal, kind: 'vm', names: ['vm20-0125'], columns: null })
    if (work === 'list') return (await manager.list({ principal, kind: 'vm', narrowing, columns: null, sort: null, limit: null, cursor: null })).json
    const policy = { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null } as const
    let { run, state, revision } = await manager.startRun({
      principal, requestKey: `${process.pid}`, operation: 'vm.start', reason: null, selector: { targets: [], listed: false, all: true, narrowing, ignoreMissing: false, allowEmpty: false },
      options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null }, guards: { expect: 1_000, maxTargets: null, maxSharePercent: null, confirmed: true }, policy,
    })
    while (state === 'running') ({ state, revision } = await manager.followRun({ principal, run, afterRevision: revision }))
    const report = await manager.runReport({ principal, run })
    if (report.done !== 1_000) throw new Error(`${report.done} of 1,000 were started`)
    return report
  } finally {
    await manager.close()
  }
}

void main().then(result => { process.stdout.write(typeof result === 'string' ? result : JSON.stringify(result)) })
