import { metaText } from '../manager/run-records.js'
import { metaTable } from '../manager/schema.js'
import { Refusal } from '../model/errors.js'
import { processPresence, type Presence } from '../sim/presence.js'
import type { Reader, Store } from '../store/store.js'

/** Who serves a store: a process of this machine, since when (wall clock, RFC 3339), and where it answers. */
export interface Served { pid: number; born: string; since: string; url: string | null }

const key = 'served'

/** Who serves a store now; null when nobody does, or who did is dead. */
export async function servedBy(reader: Reader, presence: Presence = processPresence()): Promise<Served | null> {
  const text = await metaText(reader, key)
  if (text === '') return null
  const served = JSON.parse(text) as Served
  return presence.isAlive(served.pid, served.born) ? served : null
}

/** Refuses what may not be done to a farm while it is served. @throws Refusal manager.served */
export async function mustNotBeServed(store: Store, farm: string): Promise<void> {
  refuse(await store.read(reader => servedBy(reader)), farm)
}

/**
 * Takes a store for this process. The claim lies in the store itself: whoever opens it by whatever path finds it, and taking it is one
 * transaction; a claim of a dead process counts for nothing. @throws Refusal manager.served
 */
export async function claim(store: Store, farm: string): Promise<void> {
  const { pid, born } = processPresence()
  await store.transact(async tx => {
    refuse(await servedBy(tx), farm)
    await tx.remove(metaTable, [{ key }])
    await tx.insert(metaTable, [{ key, value: JSON.stringify({ pid, born, since: new Date().toISOString(), url: null } satisfies Served) }])
  })
}

/** Tells where it is served. */
export async function claimUrl(store: Store, url: string): Promise<void> {
  await store.transact(async tx => {
    const served = JSON.parse(await metaText(tx, key)) as Served
    await tx.update(metaTable, [{ key, value: JSON.stringify({ ...served, url }) }])
  })
}

/** Gives the store free again. */
export async function unclaim(store: Store): Promise<void> {
  await store.transact(tx => tx.remove(metaTable, [{ key }]))
}

function refuse(served: Served | null, farm: string): void {
  if (served) throw new Refusal('manager.served', `farm ${farm} is served by process ${served.pid}${served.url === null ? '' : ` at ${served.url}`}`, 'end that first: it stops in order on SIGTERM', { pid: served.pid, url: served.url })
}
