import { diskDetails } from '../../contract/details/storage.js'
import { validate } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import { checkNew, poolFor } from '../files/new-names.js'
import { roomNamed, type Room } from '../files/scene.js'
import type { Maker, NewTarget } from '../making.js'
import type { NewDisk } from './work.js'

/** `disk create`: shared disks of a size, in a repository or wherever there is most room. */
export const createMaker: Maker = {
  async plan(reader, caller, request) {
    const { names, pool: poolName, sizeMiB, repo: wanted } = validate(diskDetails, request.options.details)
    const pool = await poolFor(reader, caller, 'disk.create', poolName)
    let repoId: string | null = null
    if (wanted !== null) {
      const repos = await reader.select<Pick<Room, 'id' | 'name' | 'uuid'>>({ id: 'id', name: 'device', uuid: 'uuid' }, `from repo where pool_id = ? and state = 'active'`, [pool.id])
      const repo = roomNamed(repos, wanted, pool.name)
      if (!repo) throw new Refusal('not-found.repo', `pool ${pool.name} has no active repository ${wanted}`, `repo list --pool ${pool.name} shows what there is`, { missing: [wanted] })
      repoId = repo.id
    }
    const targets = names.map((name): NewTarget => ({ id: null, name, poolId: pool.id, pool: pool.name, state: null, sourceId: null, spec: { sizeMiB, repoId } satisfies NewDisk }))
    await checkNew(reader, 'disk', targets)
    return targets
  },
}
