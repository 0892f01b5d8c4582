import type { Greeting, Membership, Newcomers, RootDisk, ServerFacts } from '../host/ports.js'
import { isIpAddress } from '../model/addresses.js'
import { Refusal } from '../model/errors.js'
import type { ServerRole, StorageKind } from '../model/object-states.js'
import { defaultRepositoryMiB, kindOfDevice } from '../model/repositories.js'
import type { Reader, Store, Transaction } from '../store/store.js'
import { isPassword, kept } from './agent-password.js'
import { answeringHosts } from './reports.js'
import { allColumns, hostTable, repositoryTable, rowOf, type HostRow, type RepositoryRow } from './schema.js'
import { addressOf, newHost, rootDevice } from './server-shape.js'

/** Servers at their addresses in a simulated world. Where there is none yet, one of the default shape turns up (model.md, "Rules"). */
export class SimNewcomers implements Newcomers {
  constructor(private readonly store: Store) {}

  meet(greeting: Greeting): Promise<ServerFacts> {
    return this.store.read(async reader => factsOf(await met(reader, greeting)))
  }

  enlist(greeting: Greeting, membership: Membership): Promise<void> {
    return this.store.transact(async tx => {
      const host = await met(tx, greeting)
      if (host.id === '') {
        const password = greeting.password === null ? null : kept(greeting.password, host.address)
        await tx.insert(hostTable, [rowOf({ ...host, id: membership.serverId, password })])
      } else if (host.id !== membership.serverId) await renumber(tx, host.id, membership.serverId)
      await enrol(tx, membership.serverId, membership)
    })
  }

  makeRoot(greeting: Greeting, { repoId, uuid, poolId, storage }: { repoId: string; uuid: string; poolId: string; storage: StorageKind }): Promise<RootDisk> {
    const sizeMiB = defaultRepositoryMiB[storage]
    return this.store.transact(async tx => {
      const { release } = await met(tx, greeting)
      const made = await tx.select({ id: 'id' }, 'from repository where id = ?', [repoId])
      if (made.length === 0) await tx.insert(repositoryTable, [rowOf({ id: repoId, pool_id: poolId, device: rootDevice, size_mib: sizeMiB, kind: kindOfDevice(rootDevice, storage), uuid, root: 1, qos: null, release, busy: null } satisfies RepositoryRow)])
      return { device: rootDevice, sizeMiB, release }
    })
  }
}

/** What a host says of itself. */
export function factsOf(host: HostRow): ServerFacts {
  return {
    serverId: host.id === '' ? null : host.id, address: host.address, cpuFamily: host.cpu_family, cpuModel: host.cpu_model, cores: host.cores, memoryMiB: host.memory_mib, hvm: host.hvm === 1, release: host.release,
    agentVersion: host.agent_version, owner: host.owner, poolId: host.pool_id, name: host.name, roles: JSON.parse(host.roles) as ServerRole[],
  }
}

/** Writes what a host is in a pool; null: it is nobody's, and has nothing more to tell. */
export async function enrol(tx: Transaction, hostId: string, membership: Membership | null): Promise<void> {
  if (membership) {
    await tx.update(hostTable, [{ id: hostId, name: membership.name, pool_id: membership.poolId, owner: membership.owner, roles: JSON.stringify(membership.roles) }])
    return
  }
  await tx.update(hostTable, [{ id: hostId, pool_id: null, owner: null, roles: '[]' }])
  await tx.run('delete from notice where host_id = ?', [hostId])
  await tx.run('delete from activity where host_id = ? and ended_at is not null', [hostId])
}

/** The host that answers at an address; one that is not there yet has no id. @throws Refusal agent.unreachable, agent.password */
async function met(reader: Reader, { address, password }: Greeting): Promise<HostRow> {
  const [host] = await reader.select<HostRow>(allColumns(hostTable), 'from host where address = ? or name = ? order by address <> ? limit 1', [address, address, address])
  if (!host) return newHost('', isIpAddress(address) ? address : await freeAddress(reader))
  if (!(await answeringHosts(reader, [host.id])).has(host.id)) throw new Refusal('agent.unreachable', `no agent answers at ${address}`, 'is the server up, and the address right?')
  if (host.password !== null && !isPassword(password, host.password)) {
    throw new Refusal('agent.password', `the agent at ${address} ${password === null ? 'wants a password' : 'does not take that password'}`, '--agent-password-file FILE gives it: it was chosen when the server was installed')
  }
  return host
}

/** The first address of a network that no host is in: that of a server which is known by its host name only. */
async function freeAddress(reader: Reader): Promise<string> {
  const taken = new Set((await reader.select<{ address: string }>({ address: 'address' }, 'from host')).map(row => row.address.split('.')[1]))
  let network = 1
  while (taken.has(String(network))) network++
  return addressOf(network, 0)
}

/** A server is known by the id that its manager gave it: all that is noted of it goes along. */
async function renumber(tx: Transaction, from: string, to: string): Promise<void> {
  await tx.run('update host set id = ? where id = ?', [to, from])
  for (const [table, column] of [['domain', 'host_id'], ['domain', 'target_host_id'], ['activity', 'host_id'], ['activity', 'target_host_id'], ['notice', 'host_id'], ['fault', 'subject_id']] as const) {
    await tx.run(`update ${table} set ${column} = ? where ${column} = ?`, [to, from])
  }
}
