import type { Manager, Report, ReportItem, RunHandle } from '../contract/manager.js'
import type { Principal } from '../contract/requests.js'
import type { RunOperation } from '../model/operations.js'
import { Assumption } from './assume.js'
import { Expectations } from './expectation.js'
import type { Parts } from './parts.js'

/** What a manager on a fork stands on: agents that always succeed, and a clock that goes as they say. */
type Assumed = Pick<Parts, 'farm' | 'store' | 'masters' | 'clock'>

/** Begins something on a fork of the store, with agents that always succeed, sees it through there, and says what would be. Nothing of it reaches the farm. */
export async function rehearsed<M extends Pick<Manager, 'followRun' | 'runReport'>>(parts: Parts, principal: Principal, operation: RunOperation, force: boolean, make: (assumed: Assumed) => M, begin: (rehearsal: M) => Promise<RunHandle>): Promise<Report> {
  const fork = await parts.store.fork()
  try {
    const expectations = new Expectations()
    const assumed = new Assumption(parts.masters, await parts.clock.nowMs(), expectations)
    await fork.read(async reader => {
      await expectations.learn(reader, operation, force)
      await expectations.learn(reader, 'vm.migrate', false)
      await assumed.assumeUnderWay(reader)
    })
    const rehearsal = make({ farm: parts.farm, store: fork, masters: assumed, clock: assumed })
    let handle: RunHandle = await begin(rehearsal)
    while (handle.state === 'running') handle = await rehearsal.followRun({ principal, run: handle.run, afterRevision: handle.revision })
    return asDry(await rehearsal.runReport({ principal, run: handle.run }))
  } finally {
    await fork.close()
  }
}

function asDry(report: Report): Report {
  // Of a run there is none that could be retried, resumed or shown.
  const errorOf = ({ error }: ReportItem) => (error?.code.startsWith('run.') ? { ...error, hint: null } : error)
  const items = report.items.map(item => ({ ...item, error: errorOf(item), result: item.result === 'done' ? ('would-do' as const) : item.result === 'failed' ? ('would-fail' as const) : item.result, job: null, startedAt: null, seconds: null }))
  return { ...report, run: null, wouldDo: report.done, wouldFail: report.failed, done: 0, failed: 0, items }
}
