import type { Fault } from '../../model/errors.js'
import { naturalKey } from '../../model/names.js'
import type { Reader, Row, Transaction } from '../../store/store.js'
import { guestsWithMacs } from '../guests/macs.js'
import { fault, type LaunchOrder, type QueuedItem } from '../launch.js'
import type { NewTarget } from '../making.js'
import { takeMacs } from '../run-records.js'
import { vmDetailTable, vmTable, tagTable } from '../schema.js'
import { takenFault } from './decide.js'
import type { FileOperation, FilePlan, NoPlan } from './plan.js'
import { nameKey, type FilesScene } from './scene.js'

/** What a guest is to be, as its item keeps it. `preferred` are ids of servers, `details` what only `show` carries, by field. */
export interface NewGuest {
  type: 'pv' | 'hvm'; os: string | null; vcpus: number; memoryMiB: number; diskMiB: number; ha: boolean; haPriority: number; owner: string; group: string | null
  visibility: 'private' | 'shared' | 'public'; template: string | null; repoId: string | null; tags: Record<string, string>; preferred: string[]; details: Record<string, unknown>
  /** addresses of its network cards that were asked for: others may have taken them before it is made */
  askedMacs?: string[]
}

/** Gives the network cards of new guests addresses of the farm, where none was asked for. */
export async function giveAddresses(tx: Transaction, targets: readonly NewTarget[]): Promise<void> {
  const missing = targets.flatMap(target => (target.spec as NewGuest).details['nics'] as { mac: string | null }[]).filter(nic => nic.mac === null)
  const macs = await takeMacs(tx, missing.length)
  missing.forEach((nic, at) => { nic.mac = macs[at]! })
}

/** What the first disk and network cards of a guest are called inside of it: a pv guest knows that it is one. */
export function deviceNames(type: 'pv' | 'hvm'): [disk: string, card: string] {
  return [type === 'pv' ? 'xvda' : 'hda', 'eth']
}

/** The rows of a guest, in a repository. */
export function rowsOf(item: Pick<QueuedItem, 'targetId' | 'name' | 'poolId'>, guest: NewGuest, state: string, repoId: string, nowMs: number): { table: string; row: Row }[] {
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

/**
 * Why guests cannot be made any more as they were asked for, by the ids that they were to have: between asking and making, which may
 * be long after in a retry, an owner or a group can go, and an address be given to another.
 */
async function whyNot(reader: Reader, _ids: readonly string[], items: readonly QueuedItem[]): Promise<Map<string, Fault>> {
  const guests = items.map(item => ({ item, guest: item.spec as NewGuest }))
  const named = async (table: 'user' | 'people_group', names: (string | null)[]) => new Set((await reader.select<{ name: string }>({ name: 'name' }, `from ${table} where name in (select value from json_each(?))`, [JSON.stringify([...new Set(names)])])).map(row => row.name))
  const users = await named('user', guests.map(({ guest }) => guest.owner))
  const groups = await named('people_group', guests.map(({ guest }) => guest.group))
  const holders = await guestsWithMacs(reader, null, guests.flatMap(({ guest }) => guest.askedMacs ?? []))
  const faults = new Map<string, Fault>()
  for (const { item, guest } of guests) {
    const mac = guest.askedMacs?.find(one => holders.has(one))
    if (!users.has(guest.owner)) faults.set(item.targetId, fault('not-found.user', `user ${guest.owner}, who was to own guest ${item.name}, is gone`, 'user list shows who there is'))
    else if (guest.group !== null && !groups.has(guest.group)) faults.set(item.targetId, fault('not-found.group', `group ${guest.group}, of which guest ${item.name} was to be, is gone`, 'group list shows what there is'))
    else if (mac !== undefined) faults.set(item.targetId, fault('vm.mac', `guest ${item.name}: ${mac} is the address of ${holders.get(mac)![0]!.named} by now`, 'leave the address out: each gets its own'))
  }
  return faults
}

function planNew(order: LaunchOrder, item: QueuedItem, scene: FilesScene, via: string): FilePlan | NoPlan {
  const guest = item.spec as NewGuest
  if (scene.taken.has(nameKey('vm', item.poolId, item.name))) return { fault: takenFault(order, item, scene.pools.get(item.poolId)!), state: null }
  const changed = scene.seen.get(item.targetId) as Fault | undefined
  if (changed) return { fault: changed, state: null }
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

async function settleNew(tx: Transaction, items: readonly { targetId: string }[]): Promise<void> {
  await tx.update(vmTable, items.map(item => ({ id: item.targetId, state: 'powered-off' })))
}

export const createOperation: FileOperation = { look: whyNot, plan: (order, item, scene) => planNew(order, item, scene, 'creating'), done: settleNew, after: 'powered-off' }
export const cloneOperation: FileOperation = { look: whyNot, plan: (order, item, scene) => planNew(order, item, scene, 'cloning'), done: settleNew, after: 'powered-off' }
