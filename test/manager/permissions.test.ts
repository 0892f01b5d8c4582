import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import type { RunRequest } from '../../src/contract/requests.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { Refusal } from '../../src/model/errors.js'
import { runOperations } from '../../src/model/operations.js'
import { reachOf, roles } from '../../src/model/permissions.js'
import { requestOf, sharedFarm } from './permitted-farm.js'

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
    const farm = await sharedFarm()
    expect(results(await run(farm, requestOf('alice', 'vm.start')))).toEqual({ vm1: 'done', vm2: 'auth.denied', vm3: 'done' })
    expect(results(await run(farm, requestOf('alice', 'vm.stop', 'vm2')))).toEqual({ vm2: 'auth.denied' })
    expect(await codeOf(run(farm, requestOf('alice', 'vm.start', 'vm4')))).toBe('not-found.vm')
    expect(results(await run(farm, { ...requestOf('alice', 'vm.pause'), policy: { ...requestOf('alice', 'vm.pause').policy, dryRun: true } }))).toEqual({ vm1: 'would-do', vm2: 'auth.denied', vm3: 'would-do' })
  })

  it('is nothing on servers, refused before any is looked up; a manager has those of his pools', async () => {
    const farm = await sharedFarm()
    expect(await codeOf(run(farm, requestOf('alice', 'server.stop', 'nowhere')))).toBe('auth.denied')
    expect(results(await run(farm, requestOf('operator', 'server.stop', 'ovs2', 'ovs3')))).toEqual({ ovs2: 'done', ovs3: 'auth.denied' })
  })

  it('is checked again when a run is taken up: it is that of whoever takes it up', async () => {
    const farm = await sharedFarm()
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
