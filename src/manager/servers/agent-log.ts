import type { AgentLog } from '../../contract/manager.js'
import type { AgentLogRequest } from '../../contract/requests.js'
import { agentFunction, logLine } from '../../model/agent-log.js'
import { Refusal, type Fault } from '../../model/errors.js'
import { kindOf, type RunOperation } from '../../model/operations.js'
import type { Reader } from '../../store/store.js'
import { idsOf } from '../looking.js'
import { permit, reached, type Caller } from '../principal.js'
import { recordSources } from '../records.js'
import { allOf } from '../query.js'

interface TaskRow { operation: RunOperation; name: string; job: string; target: string | null; startedAt: number; endedAt: number | null; error: string | null; seq: number; ordinal: number }
interface Line { at: number; text: string }

/**
 * The last lines of the log of a server's agent: every job that it was told to do, when it began and how it ended, and what befell its
 * server. It is written from what the manager told and heard, so it can be read while the agent is down.
 * @throws Refusal not-found.server, auth.denied for a server of a pool that was not granted: guests of others are named in it
 */
export async function agentLogOf(reader: Reader, caller: Caller, { name, lines }: AgentLogRequest): Promise<AgentLog> {
  permit(caller, 'agent.configure', 'agent log')
  const [id] = await idsOf(reader, caller, { kind: 'server', names: [name] })
  const where = allOf([reached(caller, 'agent.configure'), { sql: 's.id = ?', params: [id!] }])
  const [server] = await reader.select<{ name: string }>({ name: 's.name' }, `from ${recordSources.server.from} where ${where.sql}`, where.params)
  if (!server) throw new Refusal('auth.denied', `${caller.user} may not read the log of the agent of server ${name}`, 'ask an administrator to grant the pool')
  const tasks = await reader.select<TaskRow>(
    { operation: 'i.operation', name: 'i.name', job: 'i.job', target: 't.name', startedAt: 'i.started_at', endedAt: 'i.ended_at', error: 'i.error', seq: 'u.seq', ordinal: 'i.ordinal' },
    `from item i join run u on u.id = i.run left join server t on t.id = i.target_server_id where i.server_id = ? and i.started_at is not null and i.step <> 'not-attempted' order by i.started_at desc, u.seq desc, i.ordinal desc limit ?`, [id!, lines])
  const befell = await reader.select<{ at: number; severity: string; message: string }>({ at: 'at', severity: 'severity', message: 'message' }, 'from event where subject_id = ? and run is null order by seq desc limit ?', [id!, lines])
  const all = [...befell.reverse().map(({ at, severity, message }): Line => ({ at, text: logLine(at, severity === 'error' ? 'ERROR' : 'INFO', `monitor: ${message}`) })), ...tasks.reverse().flatMap(linesOf)]
  return { server: server.name, lines: all.sort((a, b) => a.at - b.at).slice(-lines).map(line => line.text) }
}

function linesOf({ operation, name, job, target, startedAt, endedAt, error }: TaskRow): Line[] {
  const call = `${agentFunction(operation)}: ${kindOf(operation) === 'vm' ? `vm('/OVS/running_pool/${name}'${target === null ? '' : `, '${target}'`})` : `srv('${name}')`}`
  const begun = { at: startedAt, text: logLine(startedAt, 'INFO', `${call} ${job}`) }
  if (endedAt === null) return [begun]
  const fault = error === null ? null : (JSON.parse(error) as Fault)
  return [begun, { at: endedAt, text: logLine(endedAt, fault ? 'ERROR' : 'INFO', `${call} ${job} => ${fault ? `failed:${fault.message}` : 'success'}`) }]
}
