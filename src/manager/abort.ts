import type { AbortRequest } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { namesOf } from '../model/names.js'
import { isInstant, kindOf, operationRow, operationWords, type RunOperation } from '../model/operations.js'
import { reachOf } from '../model/permissions.js'
import type { Reader, Transaction } from '../store/store.js'
import { recordsById } from './looking.js'
import type { Parts } from './parts.js'
import { forbiddenTo } from './permitted.js'
import { abortJobs } from './pool-channel.js'
import { identify, permit, type Caller } from './principal.js'
import { addEvents, loadItems, loadRuns, type ItemRecord } from './run-records.js'
import { eventTable, itemTable } from './schema.js'
import { countRuns, finishLoose } from './settle.js'

/** Jobs that are to be aborted: what was not begun never begins, what is under way and can be undone is being undone. `late`: the rest. */
export interface Aborted { late: string[] }

/** The items of jobs, where the caller may see them and do what they do. @throws Refusal not-found.job, auth.denied */
export async function abortable(reader: Reader, caller: Caller, jobs: readonly string[]): Promise<ItemRecord[]> {
  const seen = await recordsById(reader, caller, 'job', jobs)
  const missing = jobs.filter(job => !seen.has(job))
  if (missing.length > 0) throw new Refusal('not-found.job', `no such job: ${namesOf(missing)}`, 'job list shows what there is', { missing })
  const items = await loadItems(reader, 'i.job in (select value from json_each(?))', [JSON.stringify(jobs)])
  for (const item of items) await permitAbort(reader, caller, item)
  return items
}

/** Whoever may do what a job does may abort it; of what is being made, whoever makes it. @throws Refusal auth.denied */
async function permitAbort(reader: Reader, caller: Caller, { operation, targetId, name, pool, run, job }: ItemRecord): Promise<void> {
  permit(caller, operation)
  if (reachOf(caller.role, operation) === 'all') return
  const [own] = operationRow(operation).makes ? await reader.select<{ user: string }>({ user: 'user' }, 'from run where id = ?', [run]) : []
  const allowed = own ? own.user === caller.user || (pool !== null && caller.pools.includes(pool)) : !(await forbiddenTo(reader, caller, operation, [{ id: targetId }])).has(targetId)
  if (!allowed) throw new Refusal('auth.denied', `${caller.user} may not abort ${job!}, ${operationWords(operation)} of ${name}`, 'ask whoever began it, a manager or an administrator')
}

/** Aborts jobs. @throws Refusal not-found.job, auth.denied, job.ended where a job has ended already */
export async function abort(parts: Parts, request: AbortRequest): Promise<Aborted> {
  const nowMs = await parts.clock.nowMs()
  const { running, about } = await parts.store.transact(async tx => {
    const caller = await identify(tx, request.principal)
    const items = await abortable(tx, caller, request.jobs)
    const ended = items.filter(item => item.state !== 'queued' && item.state !== 'running')
    const [first] = ended
    if (first) throw new Refusal('job.ended', `${ended.length === 1 ? `${first.job!} has` : `${namesOf(ended.map(item => item.job!))} have`} ended already`, `job show ${first.job!} tells how`, { jobs: ended.map(item => item.job!) })
    const about = await aboutToBeDone(tx, items)
    await dropQueued(tx, items.filter(item => item.state === 'queued' && !about.has(item)), caller.user)
    await addEvents(tx, eventTable, items.map(item => ({ at: nowMs, severity: 'warning', kind: 'job.abort', subject: item.name, subject_id: item.targetId, user: caller.user, run: item.run, message: `${caller.user} aborts ${item.job!}: ${wordsOf(item.operation)} of ${item.name}${request.reason === null ? '' : ` (${request.reason})`}` })))
    return { running: items.filter(item => item.state === 'running'), about }
  })
  parts.stir.mark()
  const undone = await abortJobs(parts, running.filter(item => operationRow(item.operation).way !== 'power').map(item => ({ job: item.job!, serverId: item.serverId!, poolId: item.poolId })))
  return { late: [...running.filter(item => !undone.has(item.job!)), ...about].map(item => item.job!) }
}

/** Items of runs under way that are one commit: servers may have been told already what is about to be recorded. */
async function aboutToBeDone(reader: Reader, items: readonly ItemRecord[]): Promise<ReadonlySet<ItemRecord>> {
  const instant = items.filter(item => item.state === 'queued' && isInstant(item.operation))
  if (instant.length === 0) return new Set()
  const running = new Set((await loadRuns(reader, `state = 'running' and id in (select value from json_each(?))`, [JSON.stringify(instant.map(item => item.run))])).map(run => run.id))
  return new Set(instant.filter(item => running.has(item.run)))
}

function wordsOf(operation: RunOperation): string {
  return `${operation.slice(operation.indexOf('.') + 1)}${kindOf(operation) === 'vm' ? '' : ` ${kindOf(operation)}`}`
}

async function dropQueued(tx: Transaction, items: readonly ItemRecord[], user: string): Promise<void> {
  if (items.length === 0) return
  const error = JSON.stringify({ code: 'job.aborted', message: `not begun: ${user} aborted it`, hint: 'run retry does it after all', details: { user } })
  await tx.update(itemTable, items.map(item => ({ run: item.run, ordinal: item.ordinal, lease: null, result: 'not-attempted', state: 'aborted', step: 'not-attempted', error })))
  const runs = [...new Set(items.map(item => item.run))]
  for (const run of runs) await tx.run('update run set aborts = coalesce(aborts, 0) + 1 where id = ?', [run])
  await countRuns(tx, runs)
  await finishLoose(tx, runs)
}
