import { groupBy } from '../model/group.js'
import type { Row } from '../store/store.js'
import { collect } from './drive.js'
import type { Parts } from './parts.js'
import { reportedBy, reportedRow } from './reported.js'
import { loadItems, loadRuns, type ItemRecord } from './run-records.js'
import { itemTable, runTable, vmTable } from './schema.js'
import { countRuns } from './settle.js'

/**
 * Settles what a dead command left: outcomes that the agents know are recorded; an intent that no agent ever heard of is taken
 * back, so that `run resume` may begin it; the run becomes `interrupted`. Reads only, when there is nothing to settle.
 */
export async function reconcile(parts: Parts, poolOf: ReadonlyMap<string, string>): Promise<void> {
  const { store, clock } = parts
  const runs = await store.read(reader => loadRuns(reader, `state = 'running' and detached = 0`, []))
  if (runs.length === 0) return
  const living = new Set(await clock.living(runs.map(run => run.session).filter(session => session !== null)))
  const dead = runs.filter(run => run.session === null || !living.has(run.session))
  if (dead.length === 0) return
  const ids = JSON.stringify(dead.map(run => run.id))
  const running = (): Promise<ItemRecord[]> => store.read(reader => loadItems(reader, `i.run in (select value from json_each(?)) and i.state = 'running'`, [ids]))
  await collect(parts, poolOf, [...new Set((await running()).map(item => item.serverId!))])
  const unheard = await unheardOf(parts, await running())
  const facts = await reportedBy(parts, unheard)
  const interrupted = JSON.stringify({ code: 'run.interrupted', message: 'not begun: the command was cut before', hint: 'run resume takes it up', details: null })
  await store.transact(async tx => {
    await tx.update(itemTable, unheard.map((item): Row => ({ run: item.run, ordinal: item.ordinal, state: 'queued', step: 'queued', lease: null, server_id: null, target_server_id: null, started_at: null })))
    await tx.update(vmTable, unheard.map(item => reportedRow(item.targetId, facts.get(item.targetId))))
    for (const run of dead) {
      await tx.run(`update item set result = 'not-attempted', error = ? where run = ? and state = 'queued'`, [interrupted, run.id])
      await tx.run(`update item set result = 'unknown', error = ? where run = ? and state = 'running' and result is null`, [interrupted.replace('not begun: the command was cut before', 'the command was cut before the outcome was seen'), run.id])
    }
    await countRuns(tx, dead.map(run => run.id))
    await tx.update(runTable, dead.map((run): Row => ({ id: run.id, state: 'interrupted', session: null })))
  })
}

async function unheardOf(parts: Parts, items: readonly ItemRecord[]): Promise<ItemRecord[]> {
  const known = new Set((await Promise.all([...groupBy(items, item => item.poolId)].map(async ([poolId, of]) => (await parts.masters.of(poolId)).known(of.map(item => item.job!))))).flat())
  return items.filter(item => !known.has(item.job!))
}
