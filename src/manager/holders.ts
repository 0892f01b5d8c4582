import type { OperationOptions } from '../contract/requests.js'
import type { RunOperation } from '../model/operations.js'
import type { Reader } from '../store/store.js'
import type { Holder } from './launch.js'

/** A job under way, by what it changes and what it only reads. */
export interface LeaseRow { lease: string; sourceId: string | null; job: string; operation: RunOperation; serverId: string | null; targetServerId: string | null; run: string }

/** Who holds the leases that are in the way of these targets, if any, by job; `own` are the jobs that are to be launched. */
export async function loadHolders(reader: Reader, leases: readonly LeaseRow[], targets: ReadonlySet<string>, own: ReadonlySet<string>): Promise<Map<string, Holder>> {
  const inTheWay = leases.filter(lease => (targets.has(lease.lease) || (lease.sourceId !== null && targets.has(lease.sourceId))) && !own.has(lease.job))
  if (inTheWay.length === 0) return new Map()
  const runs = new Map((await reader.select<{ id: string; state: Holder['runState']; detached: number; options: string }>({ id: 'id', state: 'state', detached: 'detached', options: 'options' }, 'from run where id in (select value from json_each(?))', [JSON.stringify([...new Set(inTheWay.map(lease => lease.run))])])).map(row => [row.id, row]))
  return new Map(inTheWay.map(lease => {
    const run = runs.get(lease.run)!
    return [lease.job, { job: lease.job, operation: lease.operation, options: JSON.parse(run.options) as OperationOptions, run: lease.run, runState: run.state, detached: run.detached === 1, serverIds: [lease.serverId, lease.targetServerId].filter(id => id !== null) }]
  }))
}
