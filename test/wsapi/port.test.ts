import { join } from 'node:path'
import { expect, it } from 'vitest'
import { noNarrowing, type RunRequest } from '../../src/contract/requests.js'
import { openManager } from '../../src/embedded/open.js'
import { Session } from '../session.js'
import { serve } from './served.js'

const principal = { user: 'admin' }

export function startOf(names: string[], requestKey: string): RunRequest {
  return {
    principal, requestKey, operation: 'vm.start', reason: null,
    selector: { targets: names, listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
    options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null },
    guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true },
    policy: { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null },
  }
}

it('a remote manager answers as the embedded one does, call by call', async () => {
  const farm = new Session('figure-8')
  const manager = await openManager({ home: join(farm.home, 'ovm'), farm: null })
  const remote = (await serve(manager)).client()
  const list = { principal, kind: 'vm' as const, narrowing: noNarrowing, columns: null, sort: null, limit: null, cursor: null }
  expect(await remote.list(list)).toEqual(await manager.list(list))
  const handle = await remote.startRun(startOf(['vm1', 'vm2'], 'one'))
  let progress = await remote.followRun({ principal, run: handle.run, afterRevision: handle.revision })
  while (progress.state === 'running') progress = await remote.followRun({ principal, run: handle.run, afterRevision: progress.revision })
  const report = await remote.runReport({ principal, run: handle.run })
  expect(report).toMatchObject({ total: 2, done: 2, operation: 'vm.start' })
  expect(report).toEqual(await manager.runReport({ principal, run: handle.run }))
  await expect(remote.show({ principal, kind: 'vm', names: ['nobody'], columns: null })).rejects.toMatchObject({ name: 'Refusal', code: 'not-found.vm', hint: 'vm list shows what there is', details: { missing: ['nobody'] } })
  await manager.close()
})
