import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Manager, Report } from '../../src/contract/manager.js'
import { noNarrowing, type RunRequest } from '../../src/contract/requests.js'
import { makeFarm } from '../../src/embedded/make-farm.js'
import { managerOver, openStores } from '../../src/embedded/open.js'
import { settledStates, vmOperations, vmTransition, type VmState } from '../../src/model/vm-states.js'
import { planOf } from '../../src/sim/presets.js'
import type { Store } from '../../src/store/store.js'

const principal = { user: 'admin' }

/** A step of a random history: an operation on some guests, perhaps with a deadline, perhaps handed over; or time that passes. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({
    kind: fc.constant('run' as const), operation: fc.constantFrom(...vmOperations), vms: fc.uniqueArray(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 6 }),
    force: fc.boolean(), to: fc.constantFrom('auto', 'ovs1', 'ovs2', 'ovs3'), timeoutMs: fc.constantFrom(null, null, null, 5_000), noWait: fc.constantFrom(false, false, true),
  }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock' as const), advanceMs: fc.integer({ min: 0, max: 120_000 }) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

describe('the simulated farm under random commands', () => {
  it('keeps its invariants after every step', async () => {
    let key = 0
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), fc.nat(1_000), async (steps, seed) => {
      const folder = mkdtempSync(join(tmpdir(), 'ovmcli-sim-'))
      const { repository, world } = openStores(folder, true)
      await makeFarm(repository, world, planOf('figure-8', { pools: null, servers: null, guests: null }), { name: 'sim', seed, running: false, ha: false })
      const manager = managerOver('sim', repository, world)
      try {
        for (const one of steps) {
          await perform(manager, one, `key-${key++}`)
          await checkInvariants(repository, world)
        }
        await manager.moveClock({ principal, advanceMs: 86_400_000, rate: null })
        await checkSettled(repository, world)
      } finally {
        await manager.close()
        rmSync(folder, { recursive: true, force: true })
      }
    }), { numRuns: Number(process.env['OVMCLI_SIM_RUNS'] ?? 60), ...(process.env['OVMCLI_SIM_SEED'] ? { seed: Number(process.env['OVMCLI_SIM_SEED']) } : {}) })
  })
})

async function perform(manager: Manager, one: Step, requestKey: string): Promise<void> {
  if (one.kind === 'clock') {
    await manager.moveClock({ principal, advanceMs: one.advanceMs, rate: null })
    return
  }
  const request: RunRequest = {
    principal, requestKey, operation: `vm.${one.operation}`, reason: null,
    selector: { targets: one.vms.map(number => `vm${number}`), listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
    options: { force: one.force, graceMs: null, forceAfterMs: null, to: one.operation === 'migrate' ? one.to : null, on: null, evacuate: false, tags: one.operation === 'update' ? { set: { tier: String(one.vms.length) }, unset: [] } : null },
    guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true },
    policy: { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: one.noWait, timeoutMs: one.timeoutMs },
  }
  let handle = await manager.startRun(request)
  while (handle.state === 'running') handle = await manager.followRun({ principal, run: handle.run, afterRevision: handle.revision })
  checkReport(await manager.runReport({ principal, run: handle.run }), one)
}

function checkReport(report: Report, one: Extract<Step, { kind: 'run' }>): void {
  const { total, done, unchanged, failed, unknown, notAttempted, accepted, wouldDo, wouldFail, items } = report
  expect(done + unchanged + failed + unknown + notAttempted + accepted + wouldDo + wouldFail).toBe(total)
  expect(items.map(item => item.name)).toEqual(one.vms.map(number => `vm${number}`))
  for (const item of items) {
    if (item.result === 'done' && vmTransition(one.operation).to !== null) expect(item.state).toBe(vmTransition(one.operation).to)
    if (item.result === 'failed') expect(item.error?.message).not.toBe('')
    if (!one.noWait) expect(item.result).not.toBe('accepted')
    if (one.timeoutMs === null) expect(item.result).not.toBe('unknown')
  }
}

/** The invariants of the model that hold at every moment. */
async function checkInvariants(repository: Store, world: Store): Promise<void> {
  const used = await world.read(reader => reader.select<{ host: string; memory: number; used: number }>({ host: 'h.id', memory: 'h.memory_mib', used: 'coalesce(sum(d.memory_mib), 0)' }, 'from host h left join domain d on d.host_id = h.id or d.target_host_id = h.id group by h.id'))
  for (const host of used) expect(host.used, `memory of ${host.host}`).toBeLessThanOrEqual(host.memory - 1_024)
  const ports = await world.read(reader => reader.select<{ n: number }>({ n: 'count(*)' }, 'from domain group by host_id, vnc_port having count(*) > 1'))
  expect(ports, 'VNC ports used twice').toEqual([])
  const leases = await repository.read(reader => reader.select<{ n: number }>({ n: 'count(*)' }, 'from item where lease is not null group by lease having count(*) > 1'))
  expect(leases, 'guests changed by two jobs at once').toEqual([])
}

/** What holds once nothing is under way: record and world agree, and every job ended. */
async function checkSettled(repository: Store, world: Store): Promise<void> {
  const open = await repository.read(reader => reader.select<{ job: string }>({ job: 'job' }, `from item where job is not null and state in ('queued', 'running')`))
  expect(open, 'jobs that never ended').toEqual([])
  const records = await repository.read(reader => reader.select<{ id: string; state: VmState; serverId: string | null; domainId: number | null }>({ id: 'id', state: 'state', serverId: 'server_id', domainId: 'domain_id' }, 'from vm'))
  const domains = new Map((await world.read(reader => reader.select<{ id: string; state: VmState; serverId: string; domainId: number }>({ id: 'vm_id', state: 'state', serverId: 'host_id', domainId: 'domain_id' }, 'from domain'))).map(row => [row.id, row]))
  for (const record of records) {
    expect(settledStates).toContain(record.state)
    const domain = domains.get(record.id)
    expect({ serverId: record.serverId, domainId: record.domainId, runs: record.state === 'running' || record.state === 'paused' }).toEqual({ serverId: domain?.serverId ?? null, domainId: domain?.domainId ?? null, runs: domain !== undefined })
    if (domain) expect(record.state).toBe(domain.state)
  }
}
