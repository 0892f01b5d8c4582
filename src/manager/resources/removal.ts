import { kindWords } from '../../contract/fields.js'
import type { ErrorCode } from '../../model/errors.js'
import { namesOf } from '../../model/names.js'
import { kindOf } from '../../model/operations.js'
import type { ResourceKind } from '../../model/operations/resources.js'
import type { Transaction } from '../../store/store.js'
import type { FileOperation, NoPlan } from '../files/plan.js'
import type { Stored } from '../files/scene.js'
import { fault, type LaunchOrder, type QueuedItem } from '../launch.js'
import { guestsWithIsos } from '../guests/cdrom-use.js'
import { importSourceTable, resourceTable } from '../schema.js'

/** `template|image|iso delete`: the files go, then the record. What others use stays. */
export const deleteOperation: FileOperation = {
  async look(reader, ids) {
    // Who copies a template just now, and whose drives an ISO is in.
    const users = await guestsWithIsos(reader, ids)
    const copies = await reader.select<{ id: string; user: string }>({ id: 'source_id', user: 'name' }, 'from item where lease is not null and source_id in (select value from json_each(?)) order by name', [JSON.stringify(ids)])
    for (const { id, user } of copies) users.set(id, [...(users.get(id) ?? []), user])
    return users
  },
  plan(order, item, scene) {
    const resource = resourceFor(order, item, scene.objects.get(item.targetId))
    if ('fault' in resource) return resource
    if (resource.state === 'importing') return stateFault(order, resource, ['pending', 'active', 'error'], `${resource.kind} cancel ${resource.name}`)
    const users = scene.seen.get(resource.id) as string[] | undefined
    if (users) {
      const says = resource.kind === 'iso' ? `is in the drive of ${namesOf(users)}` : `is being copied to ${namesOf(users)}`
      return { fault: fault(`${resource.kind}.in-use` as ErrorCode, `${kindWords[resource.kind]} ${resource.name} ${says}`, resource.kind === 'iso' ? `vm cdrom eject ${users[0]!}` : 'try again when they are made', { users }), state: resource.state }
    }
    return { what: resource.state === 'error' ? 'clear' : 'drop', object: resource, source: null, sizeMiB: 0, repoId: null, makes: () => [], lease: resource.id, change: null, state: resource.state }
  },
  done: (tx, items) => forget(tx, items.map(item => item.targetId)),
  after: null,
}

/** `template|image|iso cancel`: an import under way ends, and is listed with that as its reason; what waits for approval goes. */
export const cancelOperation: FileOperation = {
  plan(order, item, scene) {
    const resource = resourceFor(order, item, scene.objects.get(item.targetId))
    if ('fault' in resource) return resource
    const importing = resource.state === 'importing'
    if (!importing && resource.state !== 'pending') return stateFault(order, resource, ['importing', 'pending'], resource.kind === 'image' || resource.state === 'error' ? `${resource.kind} delete ${resource.name}` : `${resource.kind} delete ${resource.name} removes it, and its files`)
    // The import holds the resource; what ends it only keeps others from ending it too.
    return { what: 'clear', object: resource, source: null, sizeMiB: 0, repoId: null, makes: () => [], lease: importing ? `cancel ${resource.id}` : resource.id, change: null, state: resource.state }
  },
  async done(tx, items) {
    const ids = items.map(item => item.targetId)
    const pending = await tx.select<{ id: string }>({ id: 'id' }, `from resource where state = 'pending' and id in (select value from json_each(?))`, [JSON.stringify(ids)])
    await forget(tx, pending.map(row => row.id))
  },
}

function resourceFor(order: LaunchOrder, item: QueuedItem, resource: Stored | undefined): (Stored & { kind: ResourceKind }) | NoPlan {
  const kind = kindOf(order.operation) as ResourceKind
  if (resource?.kind === kind) return resource as Stored & { kind: ResourceKind }
  return { fault: fault(`not-found.${kind}`, `${kindWords[kind]} ${item.name} is gone`, `${kind} list shows what there is`), state: null }
}

function stateFault(order: LaunchOrder, { kind, name, state }: Stored & { kind: ResourceKind }, allowed: readonly string[], hint: string): NoPlan {
  const operation = order.operation.slice(kind.length + 1)
  return { fault: fault(`${kind}.state`, `${kindWords[kind]} ${name} is ${state}: ${operation} needs ${allowed.join(' or ')}`, hint, { state, operation, allowed }), state }
}

async function forget(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx.remove(resourceTable, ids.map(id => ({ id })))
  await tx.remove(importSourceTable, ids.map(id => ({ id })))
}
