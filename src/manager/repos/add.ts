import { repoDetails } from '../../contract/details/storage.js'
import { validate } from '../../contract/requests.js'
import type { NewRepository } from '../../host/ports.js'
import { Refusal } from '../../model/errors.js'
import type { storageKinds } from '../../model/object-states.js'
import { checkDevice, checkExport, defaultRepositoryMiB, isKnownEverywhere, kindOfDevice } from '../../model/repositories.js'
import type { Reader } from '../../store/store.js'
import { poolFor } from '../files/new-names.js'
import type { Maker } from '../making.js'
import { takeUuids } from '../run-records.js'
import { releaseOf } from './facts.js'

/** `repo add`: a pool is extended by a device of its servers or by an export. */
export const addMaker: Maker = {
  async plan(reader, caller, request) {
    const wanted = validate(repoDetails, request.options.details)
    if ((wanted.device === null) === (wanted.nfs === null)) throw new Refusal('usage.argument', 'a repository lies on one device or one NFS export', 'give either --device or --nfs')
    const device = wanted.nfs === null ? checkDevice(wanted.device!) : checkExport(wanted.nfs)
    const pool = await poolFor(reader, caller, 'repo.add', wanted.pool)
    const [facts] = await reader.select<{ storage: (typeof storageKinds)[number]; release: string }>({ storage: 'storage', release: releaseOf('pool.id') }, 'from pool where id = ?', [pool.id])
    const { storage, release } = facts!
    const kind = kindOfDevice(device, storage)
    if (storage === 'local' && kind !== 'local') throw new Refusal('repo.kind', `pool ${pool.name} has local storage, and ${device} is ${kind === 'nfs' ? 'an NFS export' : 'an iSCSI device'}`, 'give a disk of its server, such as /dev/sdc1')
    await mustBeFree(reader, device, pool.id)
    const spec: NewRepository = { device, kind, uuid: '', qos: wanted.qos, sizeMiB: wanted.sizeMiB ?? defaultRepositoryMiB[storage], release }
    return [{ id: null, name: device, poolId: pool.id, pool: pool.name, state: null, sourceId: null, spec }]
  },
  async complete(tx, targets) {
    const uuids = await takeUuids(tx, targets.length)
    targets.forEach((target, at) => { (target.spec as NewRepository).uuid = uuids[at]! })
  },
}

/** @throws Refusal repo.in-use */
async function mustBeFree(reader: Reader, device: string, poolId: string): Promise<void> {
  const rows = await reader.select<{ id: string; pool: string; poolId: string }>({ id: 'r.id', pool: 'p.name', poolId: 'r.pool_id' }, 'from repo r join pool p on p.id = r.pool_id where r.device = ?', [device])
  const holder = rows.find(row => row.poolId === poolId) ?? (isKnownEverywhere(device) ? rows[0] : undefined)
  const guests = await reader.select<{ guest: string; poolId: string }>({ guest: 'g.name', poolId: 'g.pool_id' }, `from vm_detail d join vm g on g.id = d.vm_id, json_each(d.details, '$.disks') n where json_extract(n.value, '$.kind') = 'physical' and json_extract(n.value, '$.file') = ?`, [device])
  const user = guests.find(row => row.poolId === poolId) ?? (isKnownEverywhere(device) ? guests[0] : undefined)
  if (user) throw new Refusal('repo.in-use', `${device} is a disk of guest ${user.guest}`, `vm disk list ${user.guest} shows it`, { guest: user.guest })
  if (holder) throw new Refusal('repo.in-use', `${device} holds a repository of pool ${holder.pool} already`, `repo show ${holder.id}`, { repo: holder.id, pool: holder.pool })
}
