import type { RecordData } from '../contract/fields.js'
import type { JobsWaited } from '../contract/manager.js'
import { Refusal, type Fault } from '../model/errors.js'
import { namesOf } from '../model/names.js'
import type { Moment } from '../host/ports.js'
import type { Reader } from '../store/store.js'
import { recordsById } from './looking.js'
import type { Parts } from './parts.js'
import type { Caller } from './principal.js'
import { reconcile } from './reconcile.js'

/** Reads as the one who asked. */
export type Look = <T>(work: (reader: Reader, caller: Caller) => Promise<T>) => Promise<T>

/** One job that is waited for, by the item it is. A job that finds all as it should be is given up by its item. */
interface Awaited { job: string; run: string; ordinal: number; ended: boolean }

/** Waits until jobs end, whoever drives them; handed-over runs are driven along. @param pass waits for the next event, or until a time @throws Refusal not-found.job */
export async function waitForJobs(parts: Parts, looking: Look, jobs: readonly string[], timeoutMs: number | null, pass: (untilMs: number | null) => Promise<Moment>): Promise<JobsWaited> {
  const before = await looking((reader, caller) => recordsById(reader, caller, 'job', jobs))
  const missing = jobs.filter(job => !before.has(job))
  if (missing.length > 0) throw new Refusal('not-found.job', `no such job: ${namesOf(missing)}`, 'job list shows what there is', { missing })
  const awaited = (await parts.store.read(reader => reader.select<{ job: string; run: string; ordinal: number }>({ job: 'job', run: 'run', ordinal: 'ordinal' }, 'from item where job in (select value from json_each(?))', [JSON.stringify(jobs)]))).map((item): Awaited => ({ ...item, ended: false }))
  const gaveUp = await untilEnded(parts, awaited, timeoutMs, pass)
  const after = await looking((reader, caller) => recordsById(reader, caller, 'job', jobs))
  return { records: jobs.map(job => after.get(job) ?? alreadySo(before.get(job)!)), gaveUp }
}

async function untilEnded(parts: Parts, awaited: readonly Awaited[], timeoutMs: number | null, pass: (untilMs: number | null) => Promise<Moment>): Promise<Fault | null> {
  let nowMs = await parts.clock.nowMs()
  const untilMs = timeoutMs === null ? null : nowMs + timeoutMs
  for (;;) {
    const open = await parts.store.read(reader => look(reader, awaited))
    if (open.length === 0) return null
    if (untilMs !== null && nowMs >= untilMs) return fault('run.deadline', open, 'the deadline passed before')
    const moment = await pass(untilMs)
    nowMs = moment.nowMs
    if (!moment.idle || untilMs !== null) continue
    await reconcile(parts, false)
    const still = await parts.store.read(reader => look(reader, awaited))
    if (still.length > 0) return fault('wait.endless', still, 'nothing that is due can end')
  }
}

/** Notices which jobs ended; those that have not. */
async function look(reader: Reader, awaited: readonly Awaited[]): Promise<Awaited[]> {
  const open = awaited.filter(one => !one.ended)
  const rows = await reader.select<{ run: string; ordinal: number }>({ run: 'i.run', ordinal: 'i.ordinal' },
    `from json_each(?) j join item i on i.run = j.value ->> 0 and i.ordinal = j.value ->> 1 where i.state in ('queued', 'running')`, [JSON.stringify(open.map(one => [one.run, one.ordinal]))])
  const still = new Set(rows.map(row => `${row.run}/${row.ordinal}`))
  for (const one of open) one.ended = !still.has(`${one.run}/${one.ordinal}`)
  return open.filter(one => !one.ended)
}

function fault(code: 'run.deadline' | 'wait.endless', open: readonly Awaited[], why: string): Fault {
  const jobs = open.map(one => one.job)
  const which = jobs.length === 1 ? jobs[0]! : `${jobs[0]!} and ${jobs.length - 1} more`
  return { code, message: `${why} ${which}${code === 'run.deadline' ? ' ended' : ''}`, hint: `job show ${jobs[0]!} tells how far it is`, details: { open: jobs } }
}

/** What is told of a job whose target was so already when its turn came. */
function alreadySo(record: RecordData): RecordData {
  return { ...record, state: 'succeeded', step: 'settled', progress: 100 }
}
