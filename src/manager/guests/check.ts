import type { HealthCheck } from '../../contract/farms.js'
import type { GuestInspection } from '../../host/ports.js'
import { faultsOf } from '../../model/guest-change.js'
import { namesOf } from '../../model/names.js'
import { isPlaced, place, type Candidate } from '../../model/placement.js'
import { formatMiB } from '../../model/units.js'
import type { Reader } from '../../store/store.js'
import type { Checker } from '../checks.js'
import { loadLaunchScene } from '../launch-scene.js'
import type { LaunchScene, QueuedItem } from '../launch.js'
import { inspectGuests } from '../pool-channel.js'
import type { Caller } from '../principal.js'
import { guestsWithMacs, type MacHolder } from './macs.js'
import { loadUpdateScene, type UpdateGuest, type UpdateScene } from './update-scene.js'

/** What all guests that are checked are held against. */
interface Surroundings {
  scene: UpdateScene
  launch: LaunchScene
  macs: ReadonlyMap<string, MacHolder[]>
  isos: ReadonlySet<string>
  /** MiB that the files of guests are recorded to take */
  recordedMiB: ReadonlyMap<string, number>
}

type About = (what: string, result: HealthCheck['result'], message: string, hint?: string | null) => HealthCheck

/** `vm check`: guests as they are recorded, held against what their servers report, and against the rules. */
export const checkGuests: Checker = async (parts, ids, caller) => {
  const around = await parts.store.read(reader => load(reader, ids, caller))
  const guests = ids.flatMap(id => around.scene.guests.get(id) ?? [])
  const facts = await inspectGuests(parts, guests)
  return guests.flatMap(guest => checkGuest(guest, facts.get(guest.id), around))
}

async function load(reader: Reader, ids: readonly string[], caller: Caller): Promise<Surroundings> {
  const scene = await loadUpdateScene(reader, { id: '', user: '' }, ids.map(targetId => ({ targetId })), [])
  const guests = [...scene.guests.values()]
  const items = guests.map(({ id, name, poolId }, ordinal): QueuedItem => ({ ordinal, stage: 0, targetId: id, name, poolId, job: '' }))
  const launch = await loadLaunchScene(reader, 'vm', items, null, { nowMs: 0, slots: 0, failuresLeft: 0 })
  const isos = await reader.select<{ key: string }>({ key: `pool_id || ' ' || name` }, `from resource where kind = 'iso' and state = 'active'`)
  const sizes = await reader.select<{ id: string; sizeMiB: number }>({ id: 'id', sizeMiB: 'disk_mib' }, 'from vm where id in (select value from json_each(?))', [JSON.stringify(ids)])
  return {
    scene, launch, macs: await guestsWithMacs(reader, caller, guests.flatMap(guest => guest.facts.nics.flatMap(nic => nic.mac ?? []))), isos: new Set(isos.map(row => row.key)),
    recordedMiB: new Map(sizes.map(row => [row.id, row.sizeMiB])),
  }
}

function checkGuest(guest: UpdateGuest, fact: GuestInspection | undefined, around: Surroundings): HealthCheck[] {
  const about: About = (what, result, message, hint = null) => ({ check: `guest ${guest.pool}/${guest.name} ${what}`, result, message, hint })
  // While somebody changes it, record and world may differ.
  if (guest.leasedBy) return [about('state', 'ok', `${guest.state}: just being changed by ${guest.leasedBy.job}`), ...checkRecord(guest, around, about)]
  if (!fact) return [about('state', 'error', `recorded as ${guest.state}, and no server of its pool knows it`, `server list --pool ${guest.pool} shows which do not answer`), ...checkRecord(guest, around, about)]
  return [checkState(guest, fact, about), checkFiles(guest, fact, around, about), ...checkRecord(guest, around, about)]
}

function checkState(guest: UpdateGuest, fact: GuestInspection, about: About): HealthCheck {
  const mend = `vm reset-status ${guest.name} sets what the servers report`
  if (guest.state !== fact.state || guest.serverId !== fact.serverId) return about('state', 'error', `recorded as ${guest.state}, and reported as ${fact.state}`, mend)
  if (fact.memoryMiB !== null && (fact.memoryMiB !== guest.facts.memoryMiB || fact.vcpus !== guest.facts.vcpus)) return about('state', 'error', `recorded with ${guest.facts.memoryMiB} MiB and ${guest.facts.vcpus} virtual CPUs, and runs with ${fact.memoryMiB} MiB and ${fact.vcpus}`, `vm reboot ${guest.name}`)
  if (guest.state === 'error') return about('state', 'error', 'it is in error', `event list --filter subject=${guest.name} tells why`)
  return about('state', 'ok', `${guest.state}, as its server reports`)
}

function checkFiles(guest: UpdateGuest, fact: GuestInspection, { recordedMiB }: Surroundings, about: About): HealthCheck {
  const recorded = recordedMiB.get(guest.id)!
  if (fact.filesMiB === null) return about('files', 'error', 'its files are not there, or not whole', `repo check tells more; bring them back, or vm delete ${guest.name}`)
  if (fact.filesMiB !== recorded) return about('files', 'error', `its files take ${formatMiB(fact.filesMiB)}, and ${formatMiB(recorded)} are recorded`, 'repo check tells more')
  return about('files', 'ok', `there and whole, ${formatMiB(recorded)}`)
}

/** What can be told of a guest without asking anybody. */
function checkRecord(guest: UpdateGuest, around: Surroundings, about: About): HealthCheck[] {
  return [checkSettings(guest, around, about), checkPeople(guest, around, about), checkNics(guest, around, about), checkServers(guest, around, about), ...(guest.facts.ha ? [checkHa(guest, about)] : []), ...(guest.state === 'powered-off' || guest.state === 'suspended' ? [checkRoom(guest, around, about)] : [])]
}

function checkSettings({ poolId, pool, name, facts }: UpdateGuest, { isos }: Surroundings, about: About): HealthCheck {
  const [wrong] = faultsOf(facts)
  if (wrong) return about('settings', 'error', `${wrong.field}: ${wrong.message}`, wrong.hint ?? `vm update ${name}`)
  if (facts.cdrom !== null && facts.type === 'pv') return about('settings', 'error', `it is pv, and has the ISO ${facts.cdrom} in a CD-ROM that it has not`, `vm cdrom eject ${name}`)
  if (facts.cdrom !== null && !isos.has(`${poolId} ${facts.cdrom}`)) return about('settings', 'error', `the ISO ${facts.cdrom} in its CD-ROM is no active one of pool ${pool}`, `vm cdrom eject ${name}`)
  return about('settings', 'ok', `${facts.os ?? 'an unknown operating system'} in mode ${facts.type}, boots from ${facts.bootDevice ?? 'hdd'}`)
}

function checkPeople({ name, facts }: UpdateGuest, { scene: { known: { users, groups } } }: Surroundings, about: About): HealthCheck {
  if (!users.has(facts.owner)) return about('owner', 'error', `its owner ${facts.owner} is no user any more`, `vm update ${name} --owner USER`)
  if (facts.group !== null && !groups.has(facts.group)) return about('owner', 'error', `its group ${facts.group} is there no more`, `vm update ${name} --group GROUP, or --no-group`)
  if (facts.visibility === 'shared' && facts.group === null) return about('owner', 'warning', 'it is shared, and has no group to be shared with', `vm update ${name} --group GROUP`)
  return about('owner', 'ok', `${facts.owner}'s, ${facts.visibility}${facts.group === null ? '' : `, of group ${facts.group}`}`)
}

function checkNics(guest: UpdateGuest, { macs }: Surroundings, about: About): HealthCheck {
  const { nics } = guest.facts
  for (const { mac } of nics) {
    const others = (macs.get(mac!) ?? []).filter(owner => owner.id !== guest.id)
    if (others.length > 0) return about('addresses', 'error', `${mac!} is the address of ${namesOf(others.map(owner => owner.named))} too`, `vm nic update ${guest.name} NIC --mac MAC`)
  }
  return about('addresses', 'ok', nics.length === 0 ? 'it has no network card' : `${nics.length === 1 ? 'one, which' : `${nics.length}, which`} nobody else has`)
}

function checkServers({ name, poolId, pool, facts }: UpdateGuest, { scene, launch }: Surroundings, about: About): HealthCheck {
  if (facts.preferredServers.length === 0) return about('servers', 'ok', 'it prefers none')
  const servers = facts.preferredServers.map(id => ({ id, known: scene.servers.get(id) }))
  const gone = servers.filter(({ known }) => known?.poolId !== poolId)
  if (gone.length > 0) return about('servers', 'error', `it prefers ${namesOf(gone.map(({ id, known }) => known?.name ?? id))}, not in pool ${pool}`, `vm update ${name} --server SERVER`)
  const unable = servers.filter(({ id }) => { const server = launch.servers.get(id); return !server?.runsGuests || (facts.type === 'hvm' && !server.hvm) })
  if (unable.length > 0) return about('servers', 'warning', `it prefers ${namesOf(unable.map(({ known }) => known!.name))}, which cannot run it`, `vm update ${name} --server SERVER`)
  return about('servers', 'ok', `it prefers ${namesOf(servers.map(({ known }) => known!.name))}`)
}

function checkHa({ pool, poolHa }: UpdateGuest, about: About): HealthCheck {
  return poolHa ? about('ha', 'ok', 'it has HA, and so has its pool') : about('ha', 'error', `it has HA, and pool ${pool} has none`, `pool update ${pool} --ha`)
}

function checkRoom({ id, poolId, facts }: UpdateGuest, { launch }: Surroundings, about: About): HealthCheck {
  const candidates: readonly Candidate[] = launch.pools.get(poolId)!.servers
  const placed = place(candidates, { memoryMiB: facts.memoryMiB, vcpus: facts.vcpus, hvm: facts.type === 'hvm', preferredServerIds: launch.vms.get(id)!.preferred })
  return isPlaced(placed) ? about('room', 'ok', `it would start on ${placed.name}`) : about('room', 'warning', `it cannot start now: ${placed.message}`, placed.hint)
}
