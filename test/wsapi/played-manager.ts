import fc from 'fast-check'
import type { Manager } from '../../src/contract/manager.js'
import { wireMethods, type WireMethod } from '../../src/contract/wire/port.js'
import { methodCodec } from '../../src/wsapi/codec/methods.js'
import { valueOf } from './values.js'

/** A manager that is played: what it was asked, and what it did, in the way of the port: a run is begun once for a request key. */
export interface Played { manager: Manager; asked: { method: WireMethod; request: Record<string, unknown> }[]; effects(method: WireMethod): number; answers: Record<WireMethod, unknown> }

/** @param pause what a call waits for before it answers */
export function playedManager(seed: number, pause: (method: WireMethod) => Promise<void> = async () => {}): Played {
  const asked: Played['asked'] = []
  const answers = Object.fromEntries(wireMethods.map(method => {
    const { answer } = methodCodec(method)
    return [method, answer ? fc.sample(valueOf(answer), { numRuns: 1, seed })[0] : undefined]
  })) as Record<WireMethod, unknown>
  // One who follows is answered at once where there is a change, and no run goes on for ever.
  answers.awaitChange = { ...(answers.awaitChange as object), changed: true }
  answers.followRun = { ...(answers.followRun as object), state: 'finished' }
  const call = (method: WireMethod) => async (request: Record<string, unknown>) => {
    asked.push({ method, request })
    await pause(method)
    return answers[method]
  }
  const manager = Object.fromEntries(wireMethods.map(method => [method, call(method)])) as unknown as Manager
  manager.stopAwaiting = async () => {}
  manager.close = async () => {}
  const effects = (method: WireMethod) => {
    const mine = asked.filter(one => one.method === method)
    return mine.some(({ request }) => 'requestKey' in request) ? new Set(mine.map(({ request }) => request['requestKey'])).size : mine.length
  }
  return { manager, asked, effects, answers }
}

/** A request of a method that the contract takes. */
export function requestOf(method: WireMethod): Record<string, unknown> {
  return { principal: { user: 'admin' }, ...requests[method] }
}

const narrowing = { pools: ['pool1'], servers: [], states: [], tags: ['tier=web'], filters: ['memoryMiB>=4GiB'], exclude: [] }
const selector = { targets: ['vm*', { id: '412' }, { name: 'vm & <1>', pool: null }], listed: false, all: false, narrowing, ignoreMissing: false, allowEmpty: true }
const policy = { parallel: 4, onError: 'stop', maxFailures: { percent: 12.5 }, canary: null, orderTag: 'tier', finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null }
const requests: Record<WireMethod, Record<string, unknown>> = {
  list: { kind: 'vm', narrowing, columns: ['name', 'state'], sort: 'name', limit: null, cursor: null, after: null },
  show: { kind: 'vm', names: ['vm1'], columns: null },
  check: { kind: 'vm', names: [] },
  console: { name: 'vm1', password: true },
  serverNetwork: { names: ['ovs1'] },
  serverRepos: { names: [] },
  agentLog: { name: 'ovs1', lines: 20 },
  discover: { kind: 'iso', pool: null },
  whoAmI: {},
  mayI: { action: 'vm.start', kind: 'vm', name: 'vm1' },
  suggest: { kind: 'tag', prefix: 'ti', limit: 10 },
  farmStatus: { follows: true },
  farmTopology: {},
  startRun: { requestKey: 'start-1', operation: 'vm.start', selector, options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: { set: { constructor: 'x', ['__proto__x']: '' }, unset: [] }, details: { deep: [{ a: null }] } }, guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true }, policy, reason: null },
  resumeRun: { run: 'r1', change: { parallel: null }, timeoutMs: null, noWait: false },
  retryRun: { run: 'r1', change: {}, timeoutMs: null, noWait: false, requestKey: 'retry-1', reason: 'again' },
  undoRun: { run: 'r1', requestKey: 'undo-1', confirmed: true, policy, reason: null },
  followRun: { run: 'r1', afterRevision: 0 },
  runReport: { run: 'r1' },
  waitForVms: { selector, for: 'settled', orFail: false, timeoutMs: null },
  waitForJobs: { jobs: ['j1'], timeoutMs: 1_000 },
  abortJobs: { jobs: ['j1'], reason: null, timeoutMs: null },
  awaitChange: { afterRevision: null, waitMs: 0 },
  moveClock: { advanceMs: 60_000, rate: null },
  interruptRun: { run: 'r1' },
}
