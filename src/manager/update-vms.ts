import type { OperationOptions } from '../contract/requests.js'
import { judge } from '../model/vm-states.js'
import { fault, leaseFault } from './launch.js'
import { stateFault } from './launch-vm.js'
import type { InstantEnd, InstantItem } from './instant.js'

/** Changes the records of guests (`vm update`): tags so far. What is so already is unchanged. */
export function planUpdate(options: OperationOptions, strict: boolean): (item: InstantItem) => InstantEnd {
  return item => {
    const { vm } = item
    if (vm.leasedBy) return { result: 'failed', error: leaseFault(`guest ${item.name}`, vm.leasedBy.job, vm.leasedBy.operation), state: vm.state }
    if (judge('update', vm.state, false) === 'refused') return { result: 'failed', error: stateFault('update', { name: item.name, state: vm.state }), state: vm.state }
    const before = JSON.parse(vm.tags) as Record<string, string>
    const after = { ...before, ...options.tags?.set }
    for (const key of options.tags?.unset ?? []) delete after[key]
    const tags = JSON.stringify(Object.fromEntries(Object.entries(after).sort(([a], [b]) => (a < b ? -1 : 1))))
    if (tags === vm.tags) {
      return strict ? { result: 'failed', error: fault('vm.unchanged', `guest ${item.name} has these tags already`, 'leave out --strict to take that as success'), state: vm.state } : { result: 'unchanged', error: null, state: vm.state }
    }
    return { result: 'done', error: null, state: vm.state, row: { id: item.targetId, tags }, tags: Object.entries(JSON.parse(tags) as Record<string, string>), event: `guest ${item.name} updated: tags ${tags}` }
  }
}
