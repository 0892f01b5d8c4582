import type { Parts } from '../parts.js'
import { rekeyAll } from '../pool-channel.js'
import { agentKeyTable } from '../schema.js'

/**
 * Tells agents whose password was changed to let the one before go, where they were not told yet: their command died before it, or
 * they did not answer. One that does not answer now is told the next time.
 */
export async function settleKeys(parts: Parts): Promise<void> {
  const open = await parts.store.read(reader => reader.select<{ serverId: string; poolId: string; job: string }>({ serverId: 'k.server_id', poolId: 's.pool_id', job: 'k.unsettled' }, `from ${agentKeyTable.name} k join server s on s.id = k.server_id where k.unsettled is not null`))
  if (open.length === 0) return
  const replies = await rekeyAll(parts, open.map(({ serverId, poolId, job }) => ({ poolId, change: { serverId, job, step: 'settle', old: null, next: '' } })))
  const settled = open.filter(({ serverId }) => replies.get(serverId)?.error === null)
  // Another change may have come since: that one is still to be settled.
  if (settled.length > 0) await parts.store.transact(async tx => { for (const { serverId, job } of settled) await tx.run(`update ${agentKeyTable.name} set unsettled = null where server_id = ? and unsettled = ?`, [serverId, job]) })
}
