// Many clients at once for `npm run bench:served`: CLIENTS SECONDS, and on standard input one line of { url, fingerprint, token, pools,
// guests }. Each has a connection of its own and asks the next when it was answered. Prints what they asked, what failed and how long it took.
import { readFileSync } from 'node:fs'
import { noNarrowing } from '../../src/contract/requests.js'
import { remoteDesk } from '../../src/remote/desk.js'

const [clients, seconds, only] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]]
const { url, fingerprint, token, pools, guests } = JSON.parse(readFileSync(0, 'utf8')) as { url: string; fingerprint: string; token: string; pools: number; guests: number }
const principal = { user: 'admin' }
const policy = { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 60_000, strict: false, dryRun: false, noWait: false, timeoutMs: null } as const
const took: Record<string, number[]> = {}
const failed: Record<string, number> = {}
const endsAt = performance.now() + seconds * 1_000
const two = (number: number) => String(number).padStart(2, '0')
const poolOf = (number: number) => `pool${two(1 + number % pools)}`
const guestOf = (number: number) => `vm${two(1 + number % pools)}-${String(1 + Math.floor(number / pools) % guests).padStart(4, '0')}`

async function client(at: number): Promise<void> {
  const manager = remoteDesk.open({ url, trust: { kind: 'pinned', fingerprint } }, { token })
  const change = async (operation: 'vm.start' | 'vm.stop', round: number) => {
    let { run, state, revision } = await manager.startRun({
      principal, requestKey: `${process.pid}-${at}-${round}`, operation, reason: null, selector: { targets: [guestOf(at)], listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
      options: { force: true, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null }, guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true }, policy,
    })
    while (state === 'running') ({ state, revision } = await manager.followRun({ principal, run, afterRevision: revision }))
    const { failed: not } = await manager.runReport({ principal, run })
    if (not !== 0) throw Object.assign(new Error('the guest was not changed'), { code: 'item' })
  }
  let isOn = false
  for (let round = 0; performance.now() < endsAt; round++) {
    const works: [string, () => Promise<unknown>][] = [
      ['show', () => manager.show({ principal, kind: 'vm', names: [guestOf(at * 7 + round * 13)], columns: null })],
      ['list of a pool', () => manager.list({ principal, kind: 'vm', narrowing: { ...noNarrowing, pools: [poolOf(at + round)] }, columns: null, sort: null, limit: null, cursor: null })],
      ['farm status', () => manager.farmStatus({ principal })],
      ['change one', () => {
        isOn = !isOn
        return change(isOn ? 'vm.start' : 'vm.stop', round)
      }],
    ]
    const [name, work] = only ? works.find(([title]) => title === only)! : works[round % works.length]!
    const began = performance.now()
    try {
      await work()
      ;(took[name] ??= []).push(performance.now() - began)
    } catch (error) {
      const code = String((error as { code?: string }).code ?? (error as Error).stack)
      failed[code] = (failed[code] ?? 0) + 1
    }
  }
  await manager.close()
}

void Promise.all(Array.from({ length: clients }, (_, at) => client(at))).then(() => {
  process.stdout.write(JSON.stringify({ failed, took: Object.fromEntries(Object.entries(took).map(([name, all]) => {
    all.sort((a, b) => a - b)
    return [name, { calls: all.length, medianMs: all[all.length >> 1], p99Ms: all[Math.floor(all.length * 0.99)], worstMs: all.at(-1) }]
  })) }))
})
