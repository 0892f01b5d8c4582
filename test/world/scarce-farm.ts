import { makeFarm } from '../../src/embedded/make-farm.js'
import type { FarmStores } from '../../src/embedded/faults.js'
import { groupTable, repoTable, resourceTable, userTable } from '../../src/manager/schema.js'
import { uuidOf } from '../../src/model/identity.js'
import { mountPointOf } from '../../src/model/repositories.js'
import { planOf } from '../../src/sim/presets.js'
import { fileTable, repositoryTable } from '../../src/sim/schema.js'

/** Memory in MiB that each server has: four guests of the figures, and what dom0 keeps. */
const serverMiB = 4 * 4_096 + 1_024

/** Room in MiB of the repositories, beside what the preset put there: two guests of the figures each, and a little. */
const spareMiB = 50_000

/**
 * The farm of histories: figure-8 with little of everything, so that limits are met. pool1 has two repositories; vm2 and vm8 are
 * alice's, vm3 and vm9 public; the operator has been granted pool1 only; there is a group of alice's, a user who has nothing, and a shared disk.
 */
export async function makeScarceFarm({ repository, world }: FarmStores, { seed, running }: { seed: number; running: boolean }): Promise<void> {
  await makeFarm(repository, world, planOf('figure-8', { pools: null, servers: null, guests: null }), { name: 'sim', seed, running, ha: false })
  const uuid = uuidOf(seed, 999)
  const { poolId, recorded } = await repository.transact(async tx => {
    const [pool] = await tx.select<{ id: string }>({ id: 'id' }, `from pool where name = 'pool1'`)
    await tx.run('update server set memory_mib = ?', [serverMiB])
    await tx.run(`update server set cores = 1 where name = 'ovs2'`)
    await tx.run('update repo set size_mib = ? + (select sum(disk_mib) from vm where repo_id = repo.id) + (select sum(size_mib) from resource where repo_id = repo.id)', [spareMiB])
    await tx.insert(repoTable, [{ id: secondRepo, pool_id: pool!.id, kind: 'san', device: '/dev/sdc1', uuid, root: 0, qos: null, size_mib: spareMiB, mount_point: mountPointOf('2.2', uuid, false), state: 'active' }])
    await tx.run(`update vm set owner = 'alice' where name in ('vm2', 'vm8')`)
    await tx.run(`update vm set visibility = 'public' where name in ('vm3', 'vm9')`)
    await tx.run(`update user set pools = '["pool1"]' where name = 'operator'`)
    await tx.run(`update user set groups = '["g1"]' where name = 'alice'`)
    await tx.insert(groupTable, [{ name: 'g1', description: null }])
    await tx.insert(userTable, [{ name: 'u1', role: 'user', state: 'active', email: null, groups: '[]', pools: '[]', password: null }])
    await tx.insert(resourceTable, [{ ...sharedDisk, kind: 'disk', name: 'd1', name_key: 'd1', pool_id: pool!.id, state: 'active', type: null, os: null, details: null }])
    const objects = await tx.select<{ id: string }>({ id: 'id' }, 'from (select id from vm union all select id from resource)')
    return { poolId: pool!.id, recorded: objects.map(object => object.id) }
  })
  await world.transact(async tx => {
    await tx.run('update host set memory_mib = ?', [serverMiB])
    await tx.run(`update host set cores = 1 where name = 'ovs2'`)
    // What nobody recorded takes room that the manager does not know of: here there is none of that.
    await tx.run('delete from file where id not in (select value from json_each(?))', [JSON.stringify(recorded)])
    await tx.run('update repository set size_mib = ? + (select sum(size_mib) from file where repo_id = repository.id)', [spareMiB])
    await tx.insert(repositoryTable, [{ id: secondRepo, pool_id: poolId, device: '/dev/sdc1', size_mib: spareMiB, kind: 'san', uuid, root: 0, qos: null, release: '2.2', busy: null }])
    await tx.insert(fileTable, [{ ...sharedDisk, pool_id: poolId, saved: 0, whole: 1 }])
  })
}

const secondRepo = 'repo-second'
const sharedDisk = { id: 'disk-first', size_mib: 1_000, repo_id: secondRepo }
