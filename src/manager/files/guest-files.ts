import { naturalKey } from '../../model/names.js'
import { judge, vmTransition, type VmOperation, type VmState } from '../../model/vm-states.js'
import { vmVerb } from '../../model/operations.js'
import { fault, type LaunchOrder, type QueuedItem } from '../launch.js'
import { stateFault } from '../launch-vm.js'
import { resourceTable, vmTable } from '../schema.js'
import { removeGuests } from '../write.js'
import { takenFault } from './decide.js'
import type { FileOperation, FilePlan, NoPlan } from './plan.js'
import { nameKey, roomNamed, type FilesScene, type Stored } from './scene.js'

/** The guest that an operation is done to, where its state allows it. */
function guestFor(verb: VmOperation, id: string, name: string, scene: FilesScene): Stored | NoPlan {
  const guest = scene.objects.get(id)
  if (!guest) return { fault: fault('not-found.vm', `guest ${name} is gone`, 'vm list shows what there is'), state: null }
  const state = guest.state as VmState
  // While its own work is under way somebody holds the lease, and that is what stands in the way.
  if (judge(verb, state, false) === 'refused' && !scene.changedBy.has(id)) return { fault: stateFault(verb, { name: guest.name, state }), state }
  return guest
}

function planFor(order: LaunchOrder, guest: Stored, plan: Omit<FilePlan, 'lease' | 'change' | 'state'>): FilePlan {
  const via = vmTransition(vmVerb(order.operation)).via!
  return { ...plan, lease: guest.id, state: via, change: { table: vmTable.name, row: { id: guest.id, state: via }, undo: { id: guest.id, state: guest.state } } }
}

/** `vm delete`: the files go, then the record. */
export const deleteOperation: FileOperation = {
  plan(order, item, scene) {
    const guest = guestFor('delete', item.targetId, item.name, scene)
    return 'fault' in guest ? guest : planFor(order, guest, { what: 'drop', object: guest, source: null, sizeMiB: 0, repoId: null, makes: () => [] })
  },
  done: (tx, items) => removeGuests(tx, items.map(item => item.targetId)),
  after: null,
}

/** `vm move`: the files go to another repository of the pool, while the guest is off (model.md, rule 5). */
export const moveOperation: FileOperation = {
  plan(order, item, scene) {
    const guest = guestFor('move', item.targetId, item.name, scene)
    if ('fault' in guest) return guest
    const pool = scene.pools.get(guest.poolId)!
    const wanted = order.options.repo!
    const repo = roomNamed(pool.repos, wanted, pool.name)
    if (!repo) return { fault: fault('not-found.repo', `pool ${pool.name} of guest ${guest.name} has no active repository ${wanted}`, `repo list --pool ${pool.name} shows what there is`), state: guest.state }
    if (guest.repoId === repo.id) return { already: guest.state, says: `guest ${guest.name} lies in ${repo.name} already` }
    return planFor(order, guest, { what: 'move', object: guest, source: guest, sizeMiB: guest.sizeMiB, repoId: repo.id, makes: () => [], changes: { before: { repository: pool.repos.find(one => one.id === guest.repoId)?.name ?? guest.repoId }, after: { repository: repo.name } } })
  },
  done: (tx, items) => tx.update(vmTable, items.map(item => ({ id: item.targetId, repo_id: item.repoId, state: 'powered-off' }))),
  tells: ({ before, after }) => ` from ${String(before['repository'])} to ${String(after['repository'])}`,
  after: 'powered-off',
}

/** What a template is to be, as its item keeps it. */
export interface NewTemplate { type: 'pv' | 'hvm'; os: string | null; sizeMiB: number; details: Record<string, unknown> }

/** `vm template`: a copy of the guest's files becomes a template. */
export const templateOperation: FileOperation = {
  plan(order: LaunchOrder, item: QueuedItem, scene: FilesScene) {
    if (scene.taken.has(nameKey('template', item.poolId, item.name))) return { fault: takenFault(order, item, scene.pools.get(item.poolId)!), state: null }
    const guest = guestFor('template', item.sourceId!, 'of the template', scene)
    if ('fault' in guest) return { ...guest, state: null }
    scene.taken.add(nameKey('template', item.poolId, item.name))
    const spec = item.spec as NewTemplate
    return {
      ...planFor(order, guest, {
        what: 'copy', object: { id: item.targetId, name: item.name }, source: guest, sizeMiB: guest.sizeMiB, repoId: null,
        makes: repoId => [{ table: resourceTable.name, row: { id: item.targetId, kind: 'template', name: item.name, name_key: naturalKey(item.name), pool_id: item.poolId, state: 'importing', type: spec.type, os: spec.os, size_mib: guest.sizeMiB, repo_id: repoId, details: JSON.stringify(spec.details) } }],
      }),
      state: 'importing',
    }
  },
  async done(tx, items) {
    await tx.update(resourceTable, items.map(item => ({ id: item.targetId, state: 'active' })))
    await tx.update(vmTable, items.map(item => ({ id: item.sourceId, state: 'powered-off' })))
  },
  after: 'active',
}
