import { listFieldNames, tableColumns, type RecordData } from '../contract/fields.js'
import type { JobsWaited, Manager } from '../contract/manager.js'
import type { Principal } from '../contract/requests.js'
import { errorCodes, Refusal, type Fault } from '../model/errors.js'
import type { ExitCode } from '../model/exit-codes.js'
import { readTargets } from './from-file.js'
import { sayError } from './print-error.js'
import { renderRows, type Look } from './render.js'
import { printable, say, writeOut } from './streams.js'

/** Which jobs to wait for, by ids and a file of ids, and for how long, in milliseconds of farm time. */
export interface JobsWanted { names: readonly string[]; from: string | null; timeoutMs: number | null }

/** Waits for jobs and lists them as they are then; the exit code. @throws Refusal usage.argument, not-found.job */
export async function waitForJobs(manager: Manager, principal: Principal, wanted: JobsWanted, look: Look, tell: (line: string) => void): Promise<number> {
  const waited = await manager.waitForJobs({ principal, jobs: jobsOf(wanted, 'wait for', tell), timeoutMs: wanted.timeoutMs })
  await printJobs(waited, look)
  sayFailed(waited.records)
  return waitExit(waited)
}

/** Aborts jobs and lists them as they are then; the exit code: 0 when none of them was done. @throws Refusal usage.argument, not-found.job, auth.denied, job.ended */
export async function abortJobs(manager: Manager, principal: Principal, wanted: JobsWanted & { reason: string | null }, look: Look, tell: (line: string) => void): Promise<number> {
  const aborted = await manager.abortJobs({ principal, jobs: jobsOf(wanted, 'abort', tell), reason: wanted.reason, timeoutMs: wanted.timeoutMs })
  await printJobs(aborted, look)
  return aborted.gaveUp ? errorCodes[aborted.gaveUp.code].exit : 0
}

function jobsOf(wanted: JobsWanted, what: string, tell: (line: string) => void): string[] {
  const listed = wanted.from === null ? [] : readTargets(wanted.from, tell)
  const jobs = [...new Set([...wanted.names, ...listed.map(target => (typeof target === 'string' ? target : 'id' in target ? target.id : target.name))])]
  if (jobs.length === 0 && wanted.from === null) throw new Refusal('usage.argument', `name the jobs to ${what}`, 'job list shows what there is')
  return jobs
}

async function printJobs(waited: JobsWaited, look: Look): Promise<void> {
  const isTable = look.format === 'table' || look.format === 'wide'
  const columns = look.columns ?? (isTable ? tableColumns('job', look.format === 'wide') : listFieldNames('job'))
  await writeOut(await renderRows('job', waited.records, columns, isTable || look.format === 'csv' ? { ...look, columns } : look))
  if (waited.gaveUp) sayError(Refusal.from(waited.gaveUp))
}

/** The exit code of a wait for jobs: 7 when some have not ended; of one that did not succeed the code of its error, of several 6. */
export function waitExit({ records, gaveUp }: JobsWaited): ExitCode {
  if (gaveUp) return errorCodes[gaveUp.code].exit
  const failed = records.filter(isFailed)
  if (failed.length === 0) return 0
  if (records.length > 1) return 6
  const error = failed[0]!['error'] as Fault | null
  return error && Object.hasOwn(errorCodes, error.code) ? errorCodes[error.code].exit : 5
}

function isFailed(job: RecordData): boolean {
  return job['state'] === 'failed' || job['state'] === 'aborted'
}

/** Says on stderr what did not succeed, the first ten in full. */
function sayFailed(jobs: readonly RecordData[]): void {
  const failed = jobs.filter(isFailed)
  for (const job of failed.slice(0, 10)) {
    const error = job['error'] as Fault | null
    say(`Error: ${printable(`${job['subject']} (${job['operation']})`)}: ${error ? `${printable(error.message)} (${error.code})` : 'not done'}`)
    if (error?.hint) say(`Hint: ${printable(error.hint)}`)
  }
  if (failed.length > 10) say(`… and ${failed.length - 10} more; -o json lists all`)
}
