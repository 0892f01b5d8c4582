import type { RunHandle } from '../contract/manager.js'
import type { RunRequest } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import type { Reader, Row, Transaction } from '../store/store.js'
import { checkGuards } from './guards.js'
import type { QueuedItem } from './launch.js'
import { identify, permit } from './principal.js'
import { loadRuns, takeIds } from './run-records.js'
import { itemTable, runTable } from './schema.js'
import { resolveTargets } from './targets.js'

/**
 * Records a run with its resolved targets, under its request key: a repeated key gives the first run. Nothing has begun when
 * this returns; `queue` holds the items, null for a repeated key. @throws Refusal for what is wrong with the request, before anything is written
 */
export async function submitRun(tx: Transaction, request: RunRequest, session: string, nowMs: number): Promise<Omit<RunHandle, 'farm'> & { queue: QueuedItem[] | null }> {
  const caller = await identify(tx, request.principal)
  permit(caller, `vm.${request.operation}`)
  const [first] = await loadRuns(tx, 'request_key = ? and user = ?', [request.requestKey, caller.user])
  if (first) return { run: first.id, state: first.state, revision: first.revision, queue: null }
  const options = { ...request.options, to: await serverId(tx, request.options.to, true), on: await serverId(tx, request.options.on, false) }
  const targets = await resolveTargets(tx, caller, request.selector)
  await checkGuards(tx, request, targets)
  const [run] = await takeIds(tx, 'run', 1)
  const jobs = await takeIds(tx, 'job', targets.length)
  const [last] = await tx.select<{ seq: number }>({ seq: 'coalesce(max(seq), 0)' }, 'from run')
  await tx.insert(runTable, [{
    id: run!, seq: last!.seq + 1, request_key: request.requestKey, operation: request.operation, state: 'running', user: caller.user, reason: request.reason,
    options: JSON.stringify(options), policy: JSON.stringify(request.policy), session, detached: request.policy.noWait ? 1 : 0, stopping: null,
    total: targets.length, settled: 0, done: 0, failed: 0, created_at: nowMs, ended_at: null, revision: 1,
  }])
  await tx.insert(itemTable, targets.map((target, ordinal): Row => ({
    run: run!, ordinal, job: jobs[ordinal]!, operation: `vm.${request.operation}`, kind: 'vm', target_id: target.id, name: target.name, pool_id: target.poolId,
    state: 'queued', step: 'queued', after_state: target.state, created_at: nowMs,
  })))
  return { run: run!, state: 'running', revision: 1, queue: targets.map((target, ordinal) => ({ ordinal, targetId: target.id, name: target.name, poolId: target.poolId, job: jobs[ordinal]! })) }
}

async function serverId(reader: Reader, name: string | null, auto: boolean): Promise<string | null> {
  if (name === null || (auto && name === 'auto')) return name
  const rows = await reader.select<{ id: string; name: string }>({ id: 'id', name: 'name' }, 'from server where id = ? or name = ?', [name, name])
  const found = rows.find(row => row.id === name) ?? rows[0]
  if (!found) throw new Refusal('not-found.server', `no such server: ${name}`, 'server list shows what there is', { missing: [name] })
  return found.id
}
