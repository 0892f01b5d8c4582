import type { PoolAgent } from '../../agent/protocol.js'
import type { Membership, ServerFacts } from '../../host/ports.js'
import { isServerAddress } from '../../model/addresses.js'
import { Refusal, type Fault } from '../../model/errors.js'
import { checkName, naturalKey } from '../../model/names.js'
import type { ServerRole } from '../../model/object-states.js'
import type { Reader, Row, Transaction } from '../../store/store.js'
import { leaseFault } from '../launch.js'
import type { Parts } from '../parts.js'
import type { ItemRecord, RunRecord } from '../run-records.js'
import { agentKeyTable } from '../schema.js'

/** A server that is to be taken into a pool: where it is reached, which is its name when nobody said. */
export interface NewServer { name: string; address: string }

/** A server that was met and has been made a member, or why it was not. */
export type Met = { facts: ServerFacts; takenFrom: string | null } | { error: Fault }

/** Checks names and addresses of servers that are to be taken, all before anything is done. @throws Refusal usage.name, usage.argument, server.exists */
export async function checkNewServers(reader: Reader, given: readonly { name: string; address: string | null }[]): Promise<NewServer[]> {
  const servers = given.map(({ name, address }) => ({ name: checkName(name, 'server'), address: address ?? name }))
  for (const { address } of servers) {
    if (!isServerAddress(address)) throw new Refusal('usage.argument', `${JSON.stringify(address.slice(0, 80))} is no address of a server`, 'write an IPv4 address such as 10.3.0.1, or a host name')
  }
  for (const field of ['name', 'address'] as const) {
    const twice = servers.find((server, at) => servers.findIndex(other => other[field] === server[field]) !== at)
    if (twice) throw new Refusal('usage.argument', `two servers with the ${field} ${twice[field]}`, 'give each its own')
  }
  for (const server of servers) {
    const fault = await takenFault(reader, server.name, server.address)
    if (fault) throw Refusal.from(fault)
  }
  return servers
}

/** Why a server cannot have a name or an address: something else has it; null: nothing has. */
export async function takenFault(reader: Reader, name: string | null, address: string | null): Promise<Fault | null> {
  const [server] = await reader.select<{ name: string; address: string; pool: string }>({ name: 's.name', address: 's.address', pool: 'p.name' }, 'from server s join pool p on p.id = s.pool_id where s.name = ? or s.address = ? limit 1', [name, address])
  if (server) {
    const what = server.name === name ? `a server ${name}` : `server ${server.name} at ${server.address}`
    return { code: 'server.exists', message: `there is ${what} already, in pool ${server.pool}`, hint: 'server list --columns name,address,pool shows what there is', details: null }
  }
  const [pool] = await reader.select<{ name: string }>({ name: 'name' }, 'from pool where virtual_ip = ? limit 1', [address])
  return pool ? { code: 'server.exists', message: `${address} is the virtual IP of pool ${pool.name}`, hint: 'pool list -o wide shows virtual IPs', details: null } : null
}

/**
 * Meets a server and makes it a member, by whoever speaks to it; one that another manager owns only by force. One that is a member
 * already, here or in another pool, may have been spoken of by another of its names. `met` are those that joined just before.
 */
export async function recruit(parts: Parts, by: Pick<PoolAgent, 'meet' | 'enlist'>, server: NewServer & { password: string | null }, membership: Membership, force: boolean, met: readonly Met[]): Promise<Met> {
  return refusalOr(async () => {
    const facts = await by.meet(server)
    const again = met.some(one => 'facts' in one && one.facts.address === facts.address)
    const fault = again ? twiceFault(server, facts.address) : await parts.store.read(reader => takenFault(reader, null, facts.address))
    if (fault) return { error: fault }
    const takenFrom = facts.owner === null || facts.owner === membership.owner ? null : facts.owner
    if (takenFrom !== null && !force) return { error: ownedByFault(server, takenFrom) }
    await by.enlist(server, membership)
    return { facts, takenFrom }
  })
}

async function refusalOr(work: () => Promise<Met>): Promise<Met> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refusal) return { error: error.fault }
    throw error
  }
}

function ownedByFault({ name, address }: NewServer, owner: string): Fault {
  return { code: 'server.owned', message: `server ${name} at ${address} belongs to ${owner}`, hint: '--force takes it', details: { owner } }
}

function twiceFault({ name }: NewServer, address: string): Fault {
  return { code: 'server.exists', message: `server ${name} is the one at ${address}, which is to join under another name`, hint: 'give each server its own address', details: null }
}

/** Why servers cannot be taken now: another run that is under way is about to take one of them; null: none is. */
export async function claimedFault(reader: Reader, run: RunRecord, servers: readonly NewServer[]): Promise<Fault | null> {
  const rows = await reader.select<{ job: string; operation: ItemRecord['operation']; name: string; spec: string }>({ job: 'i.job', operation: 'i.operation', name: 'i.name', spec: 'i.spec' },
    `from item i join run u on u.id = i.run where u.state = 'running' and u.id <> ? and i.state = 'queued' and i.operation in ('pool.create', 'pool.add-server')`, [run.id])
  for (const { job, operation, name, spec } of rows) {
    const wanted = JSON.parse(spec) as { servers: NewServer[] } | { address: string }
    const theirs = 'servers' in wanted ? wanted.servers : [{ name, address: wanted.address }]
    const same = servers.find(server => theirs.some(other => other.name === server.name || other.address === server.address))
    if (same) return leaseFault(`server ${same.name}`, job, operation)
  }
  return null
}

/** Passwords of agents, by server id; one that is not there wants none. */
export async function agentKeys(reader: Reader, serverIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await reader.select<{ id: string; password: string }>({ id: 'server_id', password: 'password' }, `from ${agentKeyTable.name} where server_id in (select value from json_each(?))`, [JSON.stringify(serverIds)])
  return new Map(rows.map(row => [row.id, row.password]))
}

/** Forgets the passwords of agents. */
export async function forgetKeys(tx: Transaction, serverIds: readonly string[]): Promise<void> {
  await tx.run(`delete from ${agentKeyTable.name} where server_id in (select value from json_each(?))`, [JSON.stringify(serverIds)])
}

/** The row of a server that is a member from now on. */
export function serverRow(id: string, name: string, poolId: string, roles: readonly ServerRole[], facts: ServerFacts): Row {
  return {
    id, name, name_key: naturalKey(name), pool_id: poolId, address: facts.address, state: 'active', roles: JSON.stringify(roles), cpu_model: facts.cpuModel, cpu_family: facts.cpuFamily, cores: facts.cores,
    memory_mib: facts.memoryMiB, hvm: Number(facts.hvm), agent_version: facts.agentVersion, agent_state: 'running', release: facts.release, maintenance: 0,
  }
}
