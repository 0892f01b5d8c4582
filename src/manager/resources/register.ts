import { registerDetails } from '../../contract/details/imports.js'
import type { Discovered } from '../../contract/manager.js'
import { kindWords } from '../../contract/fields.js'
import { validate, type RunRequest } from '../../contract/requests.js'
import type { LyingFiles } from '../../host/ports.js'
import { Refusal } from '../../model/errors.js'
import type { ImportedGuest } from '../../model/imported.js'
import { naturalKey } from '../../model/names.js'
import { kindOf } from '../../model/operations.js'
import type { ResourceKind } from '../../model/operations/resources.js'
import type { TargetKind } from '../../model/operations/row.js'
import { reachOf } from '../../model/permissions.js'
import type { Reader } from '../../store/store.js'
import type { Act, ActEnd } from '../acts.js'
import { checkNew, poolFor } from '../files/new-names.js'
import { loadStored } from '../files/scene.js'
import type { Maker } from '../making.js'
import { fault } from '../launch.js'
import type { Parts } from '../parts.js'
import { storedIn } from '../pool-channel.js'
import type { Caller } from '../principal.js'
import { resourceTable } from '../schema.js'
import { closedPools } from './closed-pools.js'
import { detailsOf } from './guest-of-image.js'

/** What is to be registered, as its item keeps it. */
interface Registered { kind: ResourceKind; repoId: string; sizeMiB: number; guest: ImportedGuest | null; owner: string }

/** Of what the files may be that are registered as a kind: an image lies where guests do. */
const lyingAs: Record<ResourceKind, readonly TargetKind[]> = { template: ['template'], image: ['image', 'vm'], iso: ['iso'] }

/** Files that lie in the repositories of a pool and are in no record. */
async function unrecorded(parts: Parts, poolId: string, kind: ResourceKind): Promise<LyingFiles[]> {
  const files = await storedIn(parts, poolId, lyingAs[kind])
  const known = new Set((await parts.store.read(reader => loadStored(reader, files.map(file => file.objectId)))).map(object => object.id))
  return files.filter(file => !known.has(file.objectId))
}

/** `template|image|iso register`: what lies in a repository and nobody recorded is, and waits for somebody to approve it. */
export const registerMaker: Maker = {
  async ask(parts, request) {
    const { pool } = validate(registerDetails, request.options.details)
    const [found] = await parts.store.read(reader => reader.select<{ id: string }>({ id: 'id' }, 'from pool where id = ?1 or name = ?1', [pool]))
    return found ? unrecorded(parts, found.id, kindOf(request.operation) as ResourceKind) : []
  },
  async plan(reader, caller, request: RunRequest, _nowMs, asked) {
    const { name, pool: poolName } = validate(registerDetails, request.options.details)
    const kind = kindOf(request.operation) as ResourceKind
    const pool = await poolFor(reader, caller, request.operation, poolName)
    await checkNew(reader, kind, [{ id: null, name, poolId: pool.id, pool: pool.name, state: null, sourceId: null, spec: {} }])
    const [files, second] = (asked as LyingFiles[]).filter(file => file.name === name)
    if (!files) throw new Refusal('import.not-found', `there is no ${kindWords[kind]} ${name} in the repositories of pool ${pool.name} that is not recorded`, `${kind} register --pool ${pool.name} lists what could be registered`)
    if (second) throw new Refusal('usage.ambiguous', `${name} lies in more than one repository of pool ${pool.name}`, 'remove one of them first')
    const spec: Registered = { kind, repoId: files.repoId, sizeMiB: files.sizeMiB, guest: files.guest, owner: caller.user }
    return [{ id: files.objectId, name, poolId: pool.id, pool: pool.name, state: null, sourceId: null, spec }]
  },
}

/** Records what lies there. */
export const registerAct: Act<null> = {
  async carryOut(tx, { items }) {
    const closed = await closedPools(tx, items)
    const there = new Map((await loadStored(tx, items.map(item => item.targetId))).map(object => [object.id, object]))
    const registered = items.filter(item => !closed.has(item.poolId) && !there.has(item.targetId))
    await tx.insert(resourceTable, registered.map(({ targetId, name, poolId, spec }) => {
      const { kind, repoId, sizeMiB, guest, owner } = spec as Registered
      return { id: targetId, kind, name, name_key: naturalKey(name), pool_id: poolId, state: 'pending', type: guest?.type ?? null, os: guest?.os ?? null, size_mib: sizeMiB, repo_id: repoId, details: JSON.stringify(detailsOf(guest, { source: null, checksum: null, owner })) }
    }))
    return items.map((item): ActEnd => {
      const shut = closed.get(item.poolId)
      if (shut) return { result: 'failed', error: shut, state: null }
      if (!registered.includes(item)) return { result: 'failed', error: fault('import.not-found', `${item.name} is in the records already`, `${item.kind} list shows what there is`), state: there.get(item.targetId)!.state }
      return { result: 'done', error: null, state: 'pending' }
    })
  },
}

/** What could be registered in a pool, or in all that the caller may. @throws Refusal not-found.pool, auth.denied, agent.unreachable */
export async function discover(parts: Parts, caller: Caller, kind: ResourceKind, poolName: string | null): Promise<Discovered[]> {
  const pools = await parts.store.read(reader => (poolName === null ? poolsOf(reader, caller) : poolFor(reader, caller, `${kind}.register`, poolName).then(pool => [pool])))
  const repos = new Map((await parts.store.read(reader => reader.select<{ id: string; device: string }>({ id: 'id', device: 'coalesce(device, id)' }, 'from repo'))).map(repo => [repo.id, repo.device]))
  const found = await Promise.all(pools.map(async pool => (await unrecorded(parts, pool.id, kind)).map(({ name, sizeMiB, repoId, guest }): Discovered => ({ name, pool: pool.name, type: guest?.type ?? null, os: guest?.os ?? null, sizeMiB, repository: repos.get(repoId) ?? null }))))
  return found.flat()
}

async function poolsOf(reader: Reader, caller: Caller): Promise<{ id: string; name: string }[]> {
  const pools = await reader.select<{ id: string; name: string }>({ id: 'id', name: 'name' }, 'from pool order by name_key')
  return reachOf(caller.role, 'image.register') === 'all' ? pools : pools.filter(pool => caller.pools.includes(pool.name))
}
