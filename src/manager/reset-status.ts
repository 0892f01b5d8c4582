import type { Parts } from './parts.js'
import { fault, leaseFault } from './launch.js'
import { inspectGuests } from './pool-channel.js'
import { reportedRow } from './reported.js'
import type { InstantEnd, InstantItem } from './instant.js'

/** Sets the guests of a run to what their servers really report (`vm reset-status`); a guest whose record agrees is unchanged. */
export async function planResetStatus(parts: Parts, items: readonly InstantItem[], strict: boolean): Promise<(item: InstantItem) => InstantEnd> {
  const facts = await inspectGuests(parts, items.map(item => ({ id: item.targetId, poolId: item.poolId })))
  return item => {
    const fact = facts.get(item.targetId)
    if (item.vm.leasedBy) return { result: 'failed', error: leaseFault(`guest ${item.name}`, item.vm.leasedBy.job, item.vm.leasedBy.operation), state: item.vm.state }
    if (!fact) return { result: 'failed', error: fault('agent.unreachable', `no server of its pool can tell of guest ${item.name}`, 'server list shows which do not answer'), state: item.vm.state }
    if (item.vm.state === fact.state && item.vm.serverId === fact.serverId) {
      return strict ? { result: 'failed', error: fault('vm.unchanged', `guest ${item.name} is ${fact.state} already`, 'leave out --strict to take that as success'), state: fact.state } : { result: 'unchanged', error: null, state: fact.state }
    }
    return { result: 'done', error: null, state: fact.state, row: reportedRow(item.targetId, fact), event: `guest ${item.name} was ${item.vm.state}, its server reports ${fact.state}` }
  }
}
