import { afterEach, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from '../../src/contract/manager.js'
import { noNarrowing, type RunRequest } from '../../src/contract/requests.js'
import { makeFarm } from '../../src/embedded/make-farm.js'
import { managerOver, openStores } from '../../src/embedded/open.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { userTable, vmTable } from '../../src/manager/schema.js'
import { Refusal } from '../../src/model/errors.js'
import { reachOf, roles } from '../../src/model/permissions.js'
import { runOperations } from '../../src/model/operations.js'
import { planOf } from '../../src/sim/presets.js'

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => { for (const cleanUp of cleanUps.splice(0)) await cleanUp() })

/** A manager over figure-8 where alice owns vm1, may look at vm2 (public), shares vm3 with her group, and operator has pool1 only. */
async function manager(): Promise<EmbeddedManager> {
  const folder = mkdtempSync(join(tmpdir(), 'ovmcli-permissions-'))
  const { repository, world } = openStores(folder, true)
  await makeFarm(repository, world, planOf('figure-8', { pools: null, servers: null, guests: null }), { name: 'test', seed: 1, running: false, ha: false })
  await repository.transact(async tx => {
    const ids = new Map((await tx.select<{ id: string; name: string }>({ id: 'id', name: 'name' }, 'from vm')).map(row => [row.name, row.id]))
    await tx.update(vmTable, [{ id: ids.get('vm1')!, owner: 'alice' }])
    await tx.update(vmTable, [{ id: ids.get('vm2')!, visibility: 'public' }])
    await tx.update(vmTable, [{ id: ids.get('vm3')!, visibility: 'shared', group_name: 'web' }])
    await tx.update(userTable, [{ name: 'alice', groups: '["web"]' }])
    await tx.update(userTable, [{ name: 'operator', pools: '["pool1"]' }])
  })
  const made = managerOver('test', repository, world)
  cleanUps.push(async () => { await made.close(); rmSync(folder, { recursive: true, force: true }) })
  return made
}

function requestOf(user: string, operation: RunRequest['operation'], ...targets: string[]): RunRequest {
  return {
    principal: { user }, requestKey: `${user}/${operation}/${targets.join()}`, operation, reason: null,
    selector: { targets, listed: false, all: targets.length === 0, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
    options: { force: false, graceMs: null, forceAfterMs: null, to: operation === 'vm.migrate' ? 'auto' : null, on: null, evacuate: false, tags: operation === 'vm.update' ? { set: { a: 'b' }, unset: [] } : null },
    guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true },
    policy: { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null },
  }
}

async function run(on: EmbeddedManager, request: RunRequest): Promise<Report> {
  let handle = await on.startRun(request)
  while (handle.state === 'running') handle = await on.followRun({ principal: request.principal, run: handle.run, afterRevision: handle.revision })
  return on.runReport({ principal: request.principal, run: handle.run })
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(() => 'nothing was refused', error => { if (error instanceof Refusal) return error.code; throw error })
}

const results = (report: Report) => Object.fromEntries(report.items.map(item => [item.name, item.error?.code ?? item.result]))

describe('what a user may do', () => {
  it('is to act on his own guests and those shared with his groups, not on public ones, and the rest does not exist', async () => {
    const farm = await manager()
    expect(results(await run(farm, requestOf('alice', 'vm.start')))).toEqual({ vm1: 'done', vm2: 'auth.denied', vm3: 'done' })
    expect(results(await run(farm, requestOf('alice', 'vm.stop', 'vm2')))).toEqual({ vm2: 'auth.denied' })
    expect(await codeOf(run(farm, requestOf('alice', 'vm.start', 'vm4')))).toBe('not-found.vm')
    expect(results(await run(farm, { ...requestOf('alice', 'vm.pause'), policy: { ...requestOf('alice', 'vm.pause').policy, dryRun: true } }))).toEqual({ vm1: 'would-do', vm2: 'auth.denied', vm3: 'would-do' })
  })

  it('is nothing on servers, refused before any is looked up; a manager has those of his pools', async () => {
    const farm = await manager()
    expect(await codeOf(run(farm, requestOf('alice', 'server.stop', 'nowhere')))).toBe('auth.denied')
    expect(results(await run(farm, requestOf('operator', 'server.stop', 'ovs2', 'ovs3')))).toEqual({ ovs2: 'done', ovs3: 'auth.denied' })
  })

  it('is checked again when a run is taken up: it is that of whoever takes it up', async () => {
    const farm = await manager()
    const report = await run(farm, requestOf('admin', 'vm.pause', 'vm1', 'vm7'))
    const again = (user: string) => farm.retryRun({ principal: { user }, requestKey: `retry/${user}`, run: report.run!, change: {}, timeoutMs: null, noWait: false, reason: null })
    expect(await codeOf(again('alice'))).toBe('not-found.run')
    expect(await codeOf(again('operator'))).toBe('auth.denied')
    expect((await again('admin')).run).not.toBe(report.run)
    expect(await codeOf(farm.resumeRun({ principal: { user: 'alice' }, run: report.run!, change: {}, timeoutMs: null, noWait: false }))).toBe('not-found.run')
  })

  it('is a row for every operation in the one table', () => {
    for (const role of roles) for (const operation of runOperations) expect(reachOf(role, operation), `${role} ${operation}`).toMatch(/^(none|own|granted|all)$/)
  })
})
