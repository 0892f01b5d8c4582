import { describe, expect, it } from 'vitest'
import type { ReportItem } from '../../src/contract/manager.js'
import { reportExit } from '../../src/cli/exit.js'
import type { ErrorCode } from '../../src/model/errors.js'
import type { ItemResult } from '../../src/model/object-states.js'

function item(result: ItemResult, code: ErrorCode | null = null): ReportItem {
  return { kind: 'vm', id: 'vm-1', name: 'vm1', pool: 'pool1', result, state: 'running', job: null, startedAt: null, seconds: null, error: code && { code, message: 'no', hint: null, details: null } }
}

describe('the exit code of a report', () => {
  it('is the code of the only target', () => {
    const exits = [item('done'), item('unchanged'), item('accepted'), item('would-do'), item('failed', 'capacity.memory'), item('failed', 'lease.held'), item('failed', 'agent.unreachable'), item('would-fail', 'migrate.blocked'), item('not-attempted', 'run.stopped'), item('unknown', 'run.deadline'), item('unknown')]
    expect(exits.map(one => reportExit({ items: [one] }))).toEqual([0, 0, 0, 0, 5, 9, 8, 5, 5, 7, 7])
  })

  it('is 5 for an error that this version does not know', () => {
    expect(reportExit({ items: [item('failed', 'later.code' as ErrorCode)] })).toBe(5)
  })

  it('of several is 7 when one is unknown, else 6 when one failed, was not attempted or would fail, else 0', () => {
    expect(reportExit({ items: [item('failed', 'vm.state'), item('unknown'), item('done')] })).toBe(7)
    for (const result of ['failed', 'not-attempted', 'would-fail'] as const) expect(reportExit({ items: [item('done'), item(result, 'vm.state')] })).toBe(6)
    expect(reportExit({ items: [item('done'), item('unchanged')] })).toBe(0)
    expect(reportExit({ items: [] })).toBe(0)
  })
})
