import type { GuestFacts } from '../../host/ports.js'
import type { Act } from '../acts.js'
import { fault } from '../launch.js'
import { inspectGuests } from '../pool-channel.js'
import { reportedRow } from '../reported.js'
import { vmTable } from '../schema.js'
import { failedEnd, loadRecorded, outOfReach } from './recorded.js'

/** Sets guests to what their servers really report (`vm reset-status`); a guest whose record agrees is unchanged. */
export const resetStatusAct: Act<ReadonlyMap<string, GuestFacts>> = {
  prepare: (parts, _run, items) => inspectGuests(parts, items.map(item => ({ id: item.targetId, poolId: item.poolId }))),
  async carryOut(tx, { run, items, prepared: facts }) {
    const vms = await loadRecorded(tx, items)
    const ends = items.map(item => {
      const vm = vms.get(item.targetId)
      const fact = facts.get(item.targetId)
      const out = outOfReach(item, vm)
      if (out) return { end: out, rows: [] }
      const { state, serverId } = vm!
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
