import type { Transaction } from '../store/store.js'
import { shareBandwidth } from './bandwidth.js'
import { loadActiveFaults } from './faults.js'
import { metaNumber } from './meta.js'
import { freeRoom } from './file-orders.js'
import { isFileOrder, isGuestOrder, isPowerOrder, type FileOrder, type Order, type Scene } from './orders.js'
import { activityTable, allColumns, domainTable, faultTable, fetchTable, fileTable, hostTable, repositoryTable, rowOf, type ActivityRow, type DomainRow, type FileRow, type HostRow, type RepositoryRow } from './schema.js'

/** Loads the part of the world that some orders need. */
export async function loadScene(tx: Transaction, orders: readonly Order[]): Promise<Scene> {
  const guestOrders = orders.filter(isGuestOrder)
  const fileOrders = orders.filter(isFileOrder)
  const vmIds = JSON.stringify([...guestOrders.map(order => order.vmId), ...fileOrders.flatMap(({ work }) => (work.sourceId === null ? [work.objectId] : [work.objectId, work.sourceId]))])
  const hostIds = JSON.stringify([...new Set([...orders.map(order => order.hostId), ...guestOrders.flatMap(order => (order.targetHostId ? [order.targetHostId] : []))])])
  const hosts = await tx.select<HostRow>(allColumns(hostTable), 'from host where id in (select value from json_each(?))', [hostIds])
  const files = await tx.select<FileRow>(allColumns(fileTable), 'from file where id in (select value from json_each(?))', [vmIds])
  const domains = await tx.select<DomainRow>(allColumns(domainTable), 'from domain where vm_id in (select value from json_each(?))', [vmIds])
  const used = guestOrders.length === 0 ? [] : await tx.select<{ host_id: string; memory_mib: number; ports: string }>(
    { host_id: 'h.value', memory_mib: 'coalesce(sum(d.memory_mib), 0)', ports: 'json_group_array(iif(d.target_host_id = h.value, d.target_vnc_port, d.vnc_port))' },
    'from json_each(?) h left join domain d on d.host_id = h.value or d.target_host_id = h.value group by h.value', [hostIds])
  const changing = !orders.some(isPowerOrder) ? [] : await tx.select<{ host_id: string }>({ host_id: 'host_id' }, 'from activity where vm_id is null and ended_at is null')
  return {
    nowMs: await metaNumber(tx, 'now'), hosts: new Map(hosts.map(row => [row.id, row])), files: new Map(files.map(row => [row.id, row])),
    domains: new Map(domains.map(row => [row.vm_id, row])), memoryUsed: new Map(used.map(row => [row.host_id, row.memory_mib])),
    vncPorts: new Map(used.map(row => [row.host_id, new Set(JSON.parse(row.ports) as number[])])), created: [], changed: new Set(), changedHosts: new Set(), activities: [],
    faults: await loadActiveFaults(tx), powerChanging: new Set(changing.map(row => row.host_id)),
    room: await freeRoom(tx, fileOrders), madeFiles: [], changedFiles: new Set(), madeRepositories: [], changedRepositories: new Set(), repositories: await repositoriesFor(tx, orders),
    fetches: { begun: [], underWay: await fetchesOf(tx, fileOrders), cut: [] },
  }
}

/** The repositories of the world, by id, where orders need to know of them. */
async function repositoriesFor(tx: Transaction, orders: readonly Order[]): Promise<Map<string, RepositoryRow>> {
  if (!orders.some(order => isFileOrder(order) || order.kind === 'save' || order.kind === 'restore')) return new Map()
  return new Map((await tx.select<RepositoryRow>(allColumns(repositoryTable), 'from repository order by id')).map(row => [row.id, row]))
}

async function fetchesOf(tx: Transaction, orders: readonly FileOrder[]): Promise<ActivityRow[]> {
  const cleared = orders.filter(({ work }) => work.what === 'clear').map(({ work }) => work.objectId)
  return cleared.length === 0 ? [] : tx.select<ActivityRow>(allColumns(activityTable), `from activity where kind = 'file-fetch' and ended_at is null and vm_id in (select value from json_each(?))`, [JSON.stringify(cleared)])
}

/** Writes what some orders changed in their scene. */
export async function commitScene(tx: Transaction, scene: Scene): Promise<void> {
  await tx.insert(domainTable, scene.created.map(rowOf))
  await tx.update(domainTable, [...scene.changed].filter(domain => !scene.created.includes(domain)).map(rowOf))
  await tx.insert(fileTable, scene.madeFiles.map(rowOf))
  await tx.update(fileTable, [...scene.changedFiles].map(rowOf))
  await tx.insert(repositoryTable, scene.madeRepositories.map(rowOf))
  await tx.update(repositoryTable, [...scene.changedRepositories].map(rowOf))
  await tx.insert(fetchTable, scene.fetches.begun.map(rowOf))
  await tx.remove(fetchTable, scene.fetches.cut.map(({ job }) => ({ job })))
  await tx.update(activityTable, scene.fetches.cut.map(({ job, due_at, error }) => ({ job, due_at, error })))
  await tx.update(hostTable, [...scene.changedHosts].map(rowOf))
  await tx.update(faultTable, [...scene.faults.changed].map(rowOf))
  if (scene.activities.some(activity => activity.resource1 !== null)) {
    const active = await tx.select<ActivityRow>(allColumns(activityTable), 'from activity where resource1 is not null and ended_at is null')
    const flows = [...active, ...scene.activities.filter(activity => activity.resource1 !== null)]
    const moved = new Set(shareBandwidth(flows, scene.nowMs))
    await tx.update(activityTable, active.filter(activity => moved.has(activity)).map(rowOf))
  }
  await tx.insert(activityTable, scene.activities.map(rowOf))
}
