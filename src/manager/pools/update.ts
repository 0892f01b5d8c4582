import { updatePoolDetails } from '../../contract/details/pools.js'
import { validate } from '../../contract/requests.js'
import { Refusal, type Fault } from '../../model/errors.js'
import { namesOf, naturalKey } from '../../model/names.js'
import { haFault, localFault, ownedFault, softLimitWarning, type PoolShape } from '../../model/server-pools.js'
import type { Transaction } from '../../store/store.js'
import { askedOf, failedEnd, type Act, type ActEnd } from '../acts.js'
import { changedWords } from '../changed-words.js'
import type { ItemRecord } from '../run-records.js'
import { poolTable } from '../schema.js'
import { checkPoolName, checkVirtualIp } from './create.js'
import { regrant } from './grants.js'
import { goneFault, loadRecordedPools, masterFault, poolStates, type RecordedPool } from './recorded.js'

type Wanted = ReturnType<typeof wantedOf>

/** Changes what pools are: name, HA, virtual IP, storage. What is so already is unchanged. */
export const updatePoolAct: Act<null> = {
  async check(_reader, _caller, { options }, targets) {
    const wanted = wantedOf(options.details)
    if (targets.length > 1 && wanted.name !== undefined) throw new Refusal('usage.argument', 'several pools cannot have one name', 'rename one at a time')
    if (Object.keys(wanted).length === 0) throw new Refusal('usage.argument', 'nothing was said that is to change', 'give --rename, --ha, --no-ha, --virtual-ip, --no-virtual-ip or --storage')
  },
  async carryOut(tx, { run, items }) {
    const ends: ActEnd[] = []
    for (const item of items) ends.push(await update(tx, item, wantedOf(askedOf(run, item).details), run.policy.strict))
    const states = await poolStates(tx, items.map(item => item.targetId))
    return ends.map((end, at) => ({ ...end, state: states.get(items[at]!.targetId) ?? null }))
  },
}

function wantedOf(details: unknown) {
  const { rename, storage, ha, virtualIp } = validate(updatePoolDetails, details)
  return { ...(rename === null ? {} : { name: rename }), ...(storage === null ? {} : { storage }), ...(ha === null ? {} : { ha }), ...(virtualIp === null ? {} : { virtualIp: virtualIp === 'none' ? null : virtualIp }) }
}

async function update(tx: Transaction, item: ItemRecord, wanted: Wanted, strict: boolean): Promise<ActEnd> {
  const pool = (await loadRecordedPools(tx, [item.targetId])).get(item.targetId)
  if (!pool) return failedEnd(goneFault(item), null)
  const shape: PoolShape = { name: pool.name, storage: pool.storage, ha: pool.ha, virtualIp: pool.virtualIp }
  const next: PoolShape = { ...shape, ...wanted }
  const changed = (Object.keys(shape) as (keyof PoolShape)[]).filter(field => shape[field] !== next[field])
  if (changed.length === 0) return strict ? failedEnd({ code: 'pool.unchanged', message: `pool ${pool.name} is so already`, hint: 'leave out --strict to take that as success', details: null }, null) : { result: 'unchanged', error: null, state: null }
  const fault = await faultOf(tx, pool, next)
  if (fault) return failedEnd(fault, null)
  await tx.update(poolTable, [{ id: pool.id, name: next.name, name_key: naturalKey(next.name), storage: next.storage, ha: Number(next.ha), virtual_ip: next.virtualIp }])
  if (next.name !== pool.name) await regrant(tx, pool.name, next.name)
  const pick = (of: PoolShape) => Object.fromEntries(changed.map(field => [field, of[field]]))
  const change = { before: pick(shape), after: pick(next) }
  const warning = next.ha && !pool.ha ? softLimitWarning(next, pool.servers.length) : null
  return {
    result: 'done', error: null, state: null, event: `pool ${pool.name} updated: ${changedWords(change)}`, change,
    ...(warning === null ? {} : { warnings: [warning] }),
  }
}

/** Why a pool cannot become what it is to be; null: it can. */
async function faultOf(tx: Transaction, pool: RecordedPool, next: PoolShape): Promise<Fault | null> {
  const fault = ownedFault(pool) ?? masterFault(pool) ?? storageFault(pool, next) ?? localFault(next, pool.servers.length) ?? haFault(next, pool.hasSharedRoot) ?? (await countedOn(tx, pool, next))
  if (fault) return fault
  try {
    if (next.name !== pool.name) await checkPoolName(tx, next.name)
    if (next.virtualIp !== null && next.virtualIp !== pool.virtualIp) await checkVirtualIp(tx, next.virtualIp, pool.id, pool.servers)
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.fault
    throw error
  }
}

/** A pool's storage is that of its repositories. */
function storageFault(pool: RecordedPool, next: PoolShape): Fault | null {
  if (next.storage === pool.storage || next.storage === 'local' || !pool.repoKinds.includes('local')) return null
  return { code: 'pool.storage', message: `pool ${pool.name} has a repository on a local disk`, hint: `repo remove takes it away once it is empty; pool update --storage shared and repo add --pool ${pool.name} then give it a shared one`, details: null }
}

/** Guests that are to be started again when their server fails count on the HA of their pool. */
async function countedOn(tx: Transaction, pool: RecordedPool, next: PoolShape): Promise<Fault | null> {
  if (next.ha || !pool.ha) return null
  const guests = (await tx.select<{ name: string }>({ name: 'name' }, 'from vm where pool_id = ? and ha = 1 order by name_key', [pool.id])).map(row => row.name)
  if (guests.length === 0) return null
  return { code: 'pool.ha', message: `${guests.length === 1 ? 'guest' : 'guests'} ${namesOf(guests)} ${guests.length === 1 ? 'counts' : 'count'} on the HA of pool ${pool.name}`, hint: `vm update --pool ${pool.name} --filter ha=true --no-ha first`, details: { names: guests.slice(0, 100) } }
}
