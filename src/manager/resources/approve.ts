import { kindWords } from '../../contract/fields.js'
import type { ErrorCode } from '../../model/errors.js'
import type { ResourceState, VmType } from '../../model/object-states.js'
import { kindOf, type RunOperation } from '../../model/operations.js'
import type { ResourceKind } from '../../model/operations/resources.js'
import type { Reader } from '../../store/store.js'
import type { Act, ActEnd } from '../acts.js'
import { nameKey } from '../files/scene.js'
import { fault, leaseFault } from '../launch.js'
import type { ItemRecord } from '../run-records.js'
import { resourceTable } from '../schema.js'
import { closedPools } from './closed-pools.js'
import { makeGuests, type ImageCopy, type ResourceDetails } from './guest-of-image.js'

interface Recorded extends Omit<ImageCopy, 'details'> { state: ResourceState; details: string; job: string | null; operation: RunOperation | null }

/** `template|image|iso approve`: what waits becomes active; an image becomes a guest, and its files are the guest's. */
export const approveAct: Act<null> = {
  async carryOut(tx, { run, items, nowMs }) {
    const kind = kindOf(run.operation) as ResourceKind
    const recorded = await load(tx, items)
    const closed = await closedPools(tx, items)
    const guests = new Set(kind === 'image' ? (await guestsNamed(tx, items)).map(one => nameKey('vm', one.poolId, one.name)) : [])
    const approved: Recorded[] = []
    const ends = items.map((item): ActEnd => {
      const one = recorded.get(item.targetId)
      const failed = (code: ErrorCode, message: string, hint: string | null, details: unknown = null): ActEnd => ({ result: 'failed', error: fault(code, message, hint, details), state: one?.state ?? null })
      if (!one) return failed(`not-found.${kind}`, `${kindWords[kind]} ${item.name} is gone`, `${kind} list shows what there is`)
      const shut = closed.get(item.poolId)
      if (shut) return { result: 'failed', error: shut, state: one.state }
      if (one.state === 'active') return run.policy.strict ? failed(`${kind}.unchanged` as ErrorCode, `${kindWords[kind]} ${item.name} is active already`, 'leave out --strict to take that as success') : { result: 'unchanged', error: null, state: 'active' }
      if (one.state !== 'pending') return failed(`${kind}.state`, `${kindWords[kind]} ${item.name} is ${one.state}: approve needs pending`, one.state === 'error' ? `${kind} show ${item.name} tells why; ${kind} delete ${item.name} removes it` : `${kind} list --state pending shows what waits`, { state: one.state, operation: 'approve', allowed: ['pending'] })
      if (one.job !== null) return { result: 'failed', error: leaseFault(`${kindWords[kind]} ${item.name}`, one.job, one.operation!), state: one.state }
      if (kind === 'image' && guests.has(nameKey('vm', item.poolId, item.name))) return failed('vm.exists', `a guest ${item.name} exists in pool ${item.pool ?? item.poolId} already`, `vm update ${item.name} --rename gives that one another name`)
      approved.push(one)
      return { result: 'done', error: null, state: kind === 'image' ? 'powered-off' : 'active', event: `${kindWords[kind]} ${item.name} approved${kind === 'image' ? ': it is a guest now' : ''}`, change: { before: { state: 'pending' }, after: { state: kind === 'image' ? 'powered-off' : 'active' } } }
    })
    if (kind === 'image') {
      await tx.remove(resourceTable, approved.map(({ id }) => ({ id })))
      await makeGuests(tx, approved.map(one => ({ ...one, details: JSON.parse(one.details) as ResourceDetails })), nowMs, run.user)
    } else await tx.update(resourceTable, approved.map(({ id }) => ({ id, state: 'active' })))
    return ends
  },
}

function guestsNamed(reader: Reader, items: readonly ItemRecord[]): Promise<{ name: string; poolId: string }[]> {
  return reader.select({ name: 'name', poolId: 'pool_id' }, 'from vm where name in (select value from json_each(?))', [JSON.stringify(items.map(item => item.name))])
}

async function load(reader: Reader, items: readonly ItemRecord[]): Promise<Map<string, Recorded>> {
  const rows = await reader.select<Recorded & { type: VmType }>({ id: 't.id', name: 't.name', poolId: 't.pool_id', state: 't.state', type: 't.type', os: 't.os', sizeMiB: 't.size_mib', repoId: 't.repo_id', details: 't.details', job: 'i.job', operation: 'i.operation' },
    'from resource t left join item i on i.lease = t.id where t.id in (select value from json_each(?))', [JSON.stringify(items.map(item => item.targetId))])
  return new Map(rows.map(row => [row.id, row]))
}
