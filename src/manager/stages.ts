import type { Policy } from '../contract/requests.js'
import { groupBy } from '../model/group.js'
import { naturalKey } from '../model/names.js'
import type { Reader } from '../store/store.js'
import type { Target } from './targets.js'

/**
 * The stage of each target: stages are launched one after the other, the next when all of the one before has settled. Stage 0
 * is the canary; after it come the values of the tag of --order in natural order, targets without that tag last.
 */
export async function staged(reader: Reader, targets: readonly Pick<Target, 'id'>[], policy: Pick<Policy, 'canary' | 'orderTag'>): Promise<number[]> {
  const stages = targets.map(() => 1)
  const order = targets.map((_, ordinal) => ordinal)
  if (policy.orderTag !== null) {
    const rows = await reader.select<{ id: string; value: string }>({ id: 'vm_id', value: 'value' }, 'from vm_tag where key = ? and vm_id in (select value from json_each(?))', [policy.orderTag, JSON.stringify(targets.map(target => target.id))])
    const values = new Map(rows.map(row => [row.id, row.value]))
    const groups = [...groupBy(order, ordinal => values.get(targets[ordinal]!.id) ?? null)].sort(([a], [b]) => (a === null ? 1 : b === null ? -1 : naturalKey(a) < naturalKey(b) ? -1 : 1))
    groups.forEach(([, ordinals], group) => { for (const ordinal of ordinals) stages[ordinal] = group + 1 })
    order.sort((a, b) => stages[a]! - stages[b]! || a - b)
  }
  for (const ordinal of order.slice(0, policy.canary ?? 0)) stages[ordinal] = 0
  return stages
}
