import { agentSecret } from '../../contract/details/servers.js'
import { validate } from '../../contract/requests.js'
import type { Rekeyed } from '../../agent/protocol.js'
import { Refusal } from '../../model/errors.js'
import { failedEnd, type Act, type ActEnd } from '../acts.js'
import type { Admit } from '../admission.js'
import { fault } from '../launch.js'
import type { Parts } from '../parts.js'
import { rekeyAll } from '../pool-channel.js'
import { settleKeys } from './settle-keys.js'
import { agentKeys } from '../pools/newcomers.js'
import type { ItemRecord } from '../run-records.js'
import { secretOf } from '../run-secrets.js'
import { agentKeyTable } from '../schema.js'
import { loadServersOf, serverOutOfReach } from './recorded.js'

/** The least length of a password, in characters (model.md, "User", of those of people). */
const leastLength = 10

/** Checks a request of `agent configure`: the secret it comes with. Nothing of it is told. */
export const admitConfigure: Admit = async (_reader, _caller, request) => {
  const { password } = secretIn(request.options.secret)
  if ([...password].length < leastLength) throw new Refusal('usage.argument', `the password of an agent has ${leastLength} characters or more`, 'put a longer one into the file of --password-file')
  return {}
}

function secretIn(text: string | undefined): { password: string; oldPassword: string | null } {
  let given: unknown = null
  try {
    given = JSON.parse(text ?? 'null')
  } catch { /* it does not have the shape: that is said below, without any of it */ }
  return validate(agentSecret, given)
}

/** What the agents said to the password they were offered, and what it is; null: it was lost with a command that ended. */
interface Offered { password: string | null; replies: ReadonlyMap<string, Rekeyed>; keys: ReadonlyMap<string, string>; items: readonly ItemRecord[] }

/**
 * Changes the passwords of agents, on both sides or on neither: each agent is offered it, and takes it beside the one it has; it is
 * recorded; then the agents let the one before go. What could not be recorded is withdrawn (docs/decisions/0022).
 */
export const configureAgentAct: Act<Offered> = {
  async prepare(parts, run, items) {
    const { secret, keys, reachable } = await parts.store.read(async reader => {
      const secret = await secretOf(reader, run.id)
      const servers = await loadServersOf(reader, [...new Set(items.map(item => item.poolId))])
      return { secret: secret === null ? null : secretIn(secret), keys: await agentKeys(reader, items.map(item => item.targetId)), reachable: items.filter(item => serverOutOfReach(item, servers.get(item.targetId)) === null) }
    })
    if (!secret) return { password: null, replies: new Map(), keys, items: [] }
    const { password, oldPassword } = secret
    const replies = await rekeyAll(parts, reachable.map(item => ({ poolId: item.poolId, change: { serverId: item.targetId, job: item.job!, step: 'offer', old: oldPassword ?? keys.get(item.targetId) ?? null, next: password } })))
    return { password, replies, keys, items: reachable.filter(item => replies.get(item.targetId)!.error === null) }
  },
  async carryOut(tx, { run, items, prepared }) {
    const servers = await loadServersOf(tx, [...new Set(items.map(item => item.poolId))])
    const ends = items.map(item => servers.get(item.targetId)).map((server, at) => serverOutOfReach(items[at]!, server) ?? endOf(items[at]!, server!.state, prepared, run.policy.strict))
    const taken = items.filter((_, at) => ends[at]!.result === 'done').map(item => ({ server_id: item.targetId, job: item.job }))
    await tx.remove(agentKeyTable, taken.map(({ server_id }) => ({ server_id })))
    await tx.insert(agentKeyTable, taken.map(({ job, ...row }) => ({ ...row, password: prepared.password!, unsettled: job! })))
    return ends
  },
  async after(parts, { items, prepared }, ends) {
    await withdraw(parts, items.filter((item, at) => ends[at]!.result === 'failed' && prepared.replies.get(item.targetId)?.error === null))
    await settleKeys(parts)
  },
  takeBack: (parts, prepared) => withdraw(parts, prepared.items),
}

async function withdraw(parts: Parts, items: readonly ItemRecord[]): Promise<void> {
  await rekeyAll(parts, items.map(item => ({ poolId: item.poolId, change: { serverId: item.targetId, job: item.job!, step: 'withdraw', old: null, next: '' } })))
}

function endOf(item: ItemRecord, state: string, { password, replies, keys }: Offered, strict: boolean): ActEnd {
  if (password === null) return failedEnd(fault('agent.password', `the password for the agent of server ${item.name} is not kept longer than the command that brought it`, `give it again: agent configure ${item.name} --password-file FILE`), state)
  const reply = replies.get(item.targetId)
  // Only now it can be reached: nothing was offered to it.
  if (!reply) return failedEnd(fault('lease.held', `another change of server ${item.name} was under way`, 'ask again'), state)
  if (reply.error) return failedEnd(reply.error, state)
  if (!reply.same || keys.get(item.targetId) !== password) return { result: 'done', error: null, state, event: `password of the agent of server ${item.name} changed` }
  return strict ? failedEnd(fault('server.unchanged', `the agent of server ${item.name} has that password already`, 'leave out --strict to take that as success'), state) : { result: 'unchanged', error: null, state }
}
