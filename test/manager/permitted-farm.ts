import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { noNarrowing, type RunRequest } from '../../src/contract/requests.js'
import { makeFarm } from '../../src/embedded/make-farm.js'
import { managerOver, openStores } from '../../src/embedded/open.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { userTable, vmTable } from '../../src/manager/schema.js'
import { planOf } from '../../src/sim/presets.js'
import type { Row, Transaction } from '../../src/store/store.js'

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => { for (const cleanUp of cleanUps.splice(0)) await cleanUp() })

/** A manager over figure-8 with guests, by name, and users changed as a test wishes. */
export async function figure8(vms: Record<string, Row>, users: Record<string, Row>): Promise<EmbeddedManager> {
  const folder = mkdtempSync(join(tmpdir(), 'ovmcli-permissions-'))
  const { repository, world } = openStores(folder, true)
  await makeFarm(repository, world, planOf('figure-8', { pools: null, servers: null, guests: null }), { name: 'test', seed: 1, running: false, ha: false })
  await repository.transact(async tx => {
    const ids = await vmIds(tx)
    for (const [name, row] of Object.entries(vms)) await tx.update(vmTable, [{ id: ids.get(name)!, ...row }])
    for (const [name, row] of Object.entries(users)) await tx.update(userTable, [{ name, ...row }])
  })
  const made = managerOver('test', repository, world)
  cleanUps.push(async () => { await made.close(); rmSync(folder, { recursive: true, force: true }) })
  return made
}

async function vmIds(tx: Transaction): Promise<Map<string, string>> {
  return new Map((await tx.select<{ id: string; name: string }>({ id: 'id', name: 'name' }, 'from vm')).map(row => [row.name, row.id]))
}

/** A manager over figure-8 where alice owns vm1, may look at vm2 (public), shares vm3 with her group, and operator has pool1 only. */
export function sharedFarm(): Promise<EmbeddedManager> {
  return figure8(
    { vm1: { owner: 'alice' }, vm2: { visibility: 'public' }, vm3: { visibility: 'shared', group_name: 'web' } },
    { alice: { groups: '["web"]' }, operator: { pools: '["pool1"]' } })
}

/** A request to run an operation on what was named, or on all. */
export function requestOf(user: string, operation: RunRequest['operation'], ...targets: string[]): RunRequest {
  return {
    principal: { user }, requestKey: `${user}/${operation}/${targets.join()}`, operation, reason: null,
    selector: { targets, listed: false, all: targets.length === 0, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
    options: { force: false, graceMs: null, forceAfterMs: null, to: operation === 'vm.migrate' ? 'auto' : null, on: null, evacuate: false, tags: operation === 'vm.update' ? { set: { a: 'b' }, unset: [] } : null },
    guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true },
    policy: { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null },
  }
}
