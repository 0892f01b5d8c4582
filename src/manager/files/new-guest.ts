import { naturalKey } from '../../model/names.js'
import type { Reader, Row, Transaction } from '../../store/store.js'
import { fault, type LaunchOrder, type QueuedItem } from '../launch.js'
import { loadKnown, strangerFault, type Known } from '../people/known.js'
import { vmDetailTable, vmTable, tagTable } from '../schema.js'
import { takenFault } from './decide.js'
import type { FileOperation, FilePlan, NoPlan } from './plan.js'
import { nameKey, type FilesScene } from './scene.js'

/** What a guest is to be, as its item keeps it. `preferred` are ids of servers, `details` what only `show` carries, by field. */
export interface NewGuest {
  type: 'pv' | 'hvm'; os: string | null; vcpus: number; memoryMiB: number; diskMiB: number; ha: boolean; haPriority: number; owner: string; group: string | null
  visibility: 'private' | 'shared' | 'public'; template: string | null; repoId: string | null; tags: Record<string, string>; preferred: string[]; details: Record<string, unknown>
}

/** What the first disk and network cards of a guest are called inside of it: a pv guest knows that it is one. */
export function deviceNames(type: 'pv' | 'hvm'): [disk: string, card: string] {
  return [type === 'pv' ? 'xvda' : 'hda', 'eth']
}

/** The rows of a guest that is being made, in a repository. */
function rowsOf(item: QueuedItem, guest: NewGuest, state: string, repoId: string, nowMs: number): { table: string; row: Row }[] {
  const tags = Object.entries(guest.tags).sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    {
      table: vmTable.name,
      row: {
        id: item.targetId, name: item.name, name_key: naturalKey(item.name), pool_id: item.poolId, server_id: null, target_server_id: null, state, type: guest.type, os: guest.os, vcpus: guest.vcpus, memory_mib: guest.memoryMiB,
        disk_mib: guest.diskMiB, ha: Number(guest.ha), ha_priority: guest.haPriority, owner: guest.owner, group_name: guest.group, visibility: guest.visibility, template: guest.template, repo_id: repoId, domain_id: null, vnc_port: null,
        tags: JSON.stringify(Object.fromEntries(tags)), created_at: nowMs, started_at: null, preferred: guest.preferred.length > 0 ? JSON.stringify(guest.preferred) : null,
      },
    },
    { table: vmDetailTable.name, row: { vm_id: item.targetId, details: JSON.stringify(guest.details) } },
    ...tags.map(([key, value]) => ({ table: tagTable.name, row: { vm_id: item.targetId, key, value } })),
  ]
}

function planNew(order: LaunchOrder, item: QueuedItem, scene: FilesScene, via: string): FilePlan | NoPlan {
  const guest = item.spec as NewGuest
  if (scene.taken.has(nameKey('vm', item.poolId, item.name))) return { fault: takenFault(order, item, scene.pools.get(item.poolId)!), state: null }
  const stranger = strangerFault(guest, scene.seen.get(everybody) as Known)
  if (stranger) return { fault: stranger, state: null }
  const source = item.sourceId ? (scene.objects.get(item.sourceId) ?? null) : null
  if (item.sourceId) {
    if (!source) return { fault: fault('agent.refused', `what guest ${item.name} was to be made of is gone`, 'vm list and template list show what there is'), state: null }
    const ready = source.kind === 'vm' ? 'powered-off' : 'active'
    if (source.state !== ready) return { fault: fault(source.kind === 'vm' ? 'vm.state' : 'template.state', `${source.kind === 'vm' ? 'guest' : source.kind} ${source.name} is ${source.state}: it cannot be copied`, source.kind === 'vm' ? `vm stop ${source.name}` : `${source.kind} show ${source.name}`, { state: source.state, operation: order.operation.slice(3), allowed: [ready] }), state: null }
  }
  // Two items of one launch may not have one name either.
  scene.taken.add(nameKey('vm', item.poolId, item.name))
  return {
    what: source ? 'copy' : 'make', object: { id: item.targetId, name: item.name }, source, sizeMiB: guest.diskMiB, repoId: guest.repoId, lease: item.targetId,
    makes: repoId => rowsOf(item, guest, via, repoId, scene.nowMs), change: null, state: via,
  }
}

/** Under which name of none of them the scene of new guests has whom they can belong to. */
const everybody = ''

async function lookAtPeople(reader: Reader): Promise<ReadonlyMap<string, Known>> {
  return new Map([[everybody, await loadKnown(reader)]])
}

async function settleNew(tx: Transaction, items: readonly { targetId: string }[]): Promise<void> {
  await tx.update(vmTable, items.map(item => ({ id: item.targetId, state: 'powered-off' })))
}

export const createOperation: FileOperation = { look: lookAtPeople, plan: (order, item, scene) => planNew(order, item, scene, 'creating'), done: settleNew, after: 'powered-off' }
export const cloneOperation: FileOperation = { look: lookAtPeople, plan: (order, item, scene) => planNew(order, item, scene, 'cloning'), done: settleNew, after: 'powered-off' }
