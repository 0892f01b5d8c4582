import type { GuestFacts } from '../../host/ports.js'
import { failedEnd, type Act } from '../acts.js'
import { fault } from '../launch.js'
import { inspectGuests } from '../pool-channel.js'
import { reportedRow } from '../reported.js'
import { vmTable } from '../schema.js'
import { loadRecorded, outOfReach, type RecordedGuest } from './recorded.js'

/** What servers report of guests, and how these were recorded when they were asked. */
interface Reported { before: ReadonlyMap<string, RecordedGuest>; facts: ReadonlyMap<string, GuestFacts> }

/** Whether a guest was being changed when its servers were asked, or has been since: what they said is old. */
function isOtherwise(before: Pick<RecordedGuest, 'state' | 'serverId' | 'leasedBy'> | undefined, now: Pick<RecordedGuest, 'state' | 'serverId'>): boolean {
  return before === undefined || before.leasedBy !== null || before.state !== now.state || before.serverId !== now.serverId
}

/** Sets guests to what their servers really report (`vm reset-status`); a guest whose record agrees is unchanged. */
export const resetStatusAct: Act<Reported> = {
  async prepare(parts, _run, items) {
    const before = await parts.store.read(reader => loadRecorded(reader, items))
    return { before, facts: await inspectGuests(parts, items.map(item => ({ id: item.targetId, poolId: item.poolId }))) }
  },
  async carryOut(tx, { run, items, prepared: { before, facts } }) {
    const vms = await loadRecorded(tx, items)
    const ends = items.map(item => {
      const vm = vms.get(item.targetId)
      const fact = facts.get(item.targetId)
      const out = outOfReach(item, vm)
      if (out) return { end: out, rows: [] }
      const { state, serverId } = vm!
      if (isOtherwise(before.get(item.targetId), vm!)) return { end: failedEnd(fault('lease.held', `guest ${item.name} was changed meanwhile`, 'ask again'), state), rows: [] }
      if (!fact) return { end: failedEnd(fault('agent.unreachable', `no server of its pool can tell of guest ${item.name}`, 'server list shows which do not answer'), state), rows: [] }
      if (state === fact.state && serverId === fact.serverId) {
        return { end: run.policy.strict ? failedEnd(fault('vm.unchanged', `guest ${item.name} is ${fact.state} already`, 'leave out --strict to take that as success'), state) : { result: 'unchanged' as const, error: null, state }, rows: [] }
      }
      return { end: { result: 'done' as const, error: null, state: fact.state, event: `guest ${item.name} was ${state}, its server reports ${fact.state}`, change: { before: { state }, after: { state: fact.state } } }, rows: [reportedRow(item.targetId, fact)] }
    })
    await tx.update(vmTable, ends.flatMap(({ rows }) => rows))
    return ends.map(({ end }) => end)
  },
}
