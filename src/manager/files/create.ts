import { createDetails } from '../../contract/details/guests.js'
import { validate } from '../../contract/requests.js'
import { Refusal, type ErrorCode } from '../../model/errors.js'
import { settledGuest, type SettledGuest } from '../../model/guest-defaults.js'
import { guestFaults, togetherFaults, type GuestFault } from '../../model/guest-faults.js'
import type { GuestSpec } from '../../model/guest-spec.js'
import { parseMac } from '../../model/nic.js'
import type { Reader } from '../../store/store.js'
import type { Maker, NewTarget } from '../making.js'
import { foreignGroup, hisGroups, type Caller } from '../principal.js'
import { takeIds } from '../run-records.js'
import { consoleTable } from '../schema.js'
import { guestsWithMacs } from '../guests/macs.js'
import { deviceNames, giveAddresses, type NewGuest } from './new-guest.js'
import { checkNew, poolFor } from './new-names.js'
import { loadWanted, type Wanted } from './wanted.js'

/** How many faults a refusal lists; how many there are it says. */
const mostFaults = 20

/** `vm create`: guests of templates, of ISOs, from the network, or with an empty disk; one, or as many as a file holds. */
export const createMaker: Maker = {
  async plan(reader, caller, request) {
    const { guests } = validate(createDetails, request.options.details)
    const wanted = await loadWanted(reader, guests)
    for (const name of new Set(guests.map(guest => guest.pool))) if (name !== '') await poolFor(reader, caller, 'vm.create', name)
    const faults: { at: number; fault: GuestFault }[] = []
    const targets: NewTarget[] = []
    guests.forEach((spec, at) => {
      const { found, target } = planned(spec, caller, wanted)
      faults.push(...found.map(fault => ({ at, fault })))
      if (target) targets.push(target)
    })
    faults.push(...togetherFaults(guests).map(({ at, fault }) => ({ at, fault })))
    faults.push(...(await takenMacs(reader, caller, guests)))
    if (faults.length > 0) throw refusal(guests, faults.sort((a, b) => a.at - b.at))
    await checkNew(reader, 'vm', targets)
    return targets
  },
  async complete(tx, targets) {
    await giveAddresses(tx, targets)
    const secret = targets.filter(target => target.secret !== undefined)
    const ids = await takeIds(tx, 'vm', secret.length)
    secret.forEach((target, at) => { target.id = ids[at]! })
    await tx.insert(consoleTable, secret.map(target => ({ vm_id: target.id, password: target.secret! })))
  },
}

/** A guest with everything said of it looked up, or all that is wrong with it. */
function planned(spec: GuestSpec, caller: Caller, wanted: Wanted): { found: GuestFault[]; target: NewTarget | null } {
  const found = guestFaults(spec)
  const add = (field: keyof GuestSpec, code: ErrorCode, message: string, hint: string | null) => found.push({ field, code, message, hint })
  const pool = wanted.pool(spec.pool)
  if (!pool || found.length > 0) return { found, target: null }
  const [template, iso] = (['template', 'iso'] as const).map(kind => {
    const name = spec[kind]
    if (name === null) return null
    const resource = wanted.resource(kind, pool.id, name)
    if (!resource) add(kind, `not-found.${kind}`, `there is no ${kind} ${name} in pool ${pool.name}`, `${kind} list --pool ${pool.name} shows what there is`)
    else if (resource.state !== 'active') add(kind, `${kind}.state` as ErrorCode, `${kind} ${name} is ${resource.state}`, `${kind} approve ${name} makes one that is pending active`)
    return resource
  })
  const settled = settledGuest(spec, template ? template.facts : null)
  found.push(...guestFaults(settled).filter(fault => !found.some(one => one.field === fault.field)))
  const repo = spec.repository === null ? null : wanted.repo(pool.id, spec.repository)
  if (spec.repository !== null && !repo) add('repository', 'not-found.repo', `pool ${pool.name} has no active repository ${spec.repository}`, `repo list --pool ${pool.name} shows what there is`)
  const preferred = spec.preferredServers.map(name => {
    const server = wanted.server(pool.id, name)
    if (!server) add('preferredServers', 'not-found.server', `there is no server ${name} in pool ${pool.name}`, `server list --pool ${pool.name} shows what there is`)
    return server?.id ?? ''
  })
  const owner = spec.owner ?? caller.user
  if (owner !== caller.user && caller.role === 'user') add('owner', 'auth.denied', `${caller.user} may make guests of his own only`, 'leave the owner out')
  else if (!wanted.users.has(owner)) add('owner', 'not-found.user', `there is no user ${owner}`, 'user list shows who there is')
  if (spec.group !== null && caller.role === 'user' && !caller.groups.includes(spec.group)) add('group', 'auth.denied', foreignGroup(caller, spec.group), hisGroups(caller))
  else if (spec.group !== null && !wanted.groups.has(spec.group)) add('group', 'not-found.group', `there is no group ${spec.group}`, 'group list shows what there is')
  if (spec.visibility === 'shared' && spec.group === null) add('visibility', 'usage.argument', 'shared is shared with a group, and none is given', 'give the group too')
  if (spec.ha && !pool.ha) add('ha', 'pool.no-ha', `pool ${pool.name} has no HA`, `pool update ${pool.name} --ha gives it`)
  if (found.length > 0) return { found, target: null }
  return { found, target: { ...(spec.consolePassword === null ? {} : { secret: spec.consolePassword }), id: null, name: spec.name, poolId: pool.id, pool: pool.name, state: null, sourceId: template?.id ?? null, spec: newGuest(settled, { owner, template: template?.name ?? null, iso: iso?.name ?? null, repoId: repo?.id ?? null, preferred }) } }
}

function newGuest(guest: SettledGuest, { owner, template, iso, repoId, preferred }: { owner: string; template: string | null; iso: string | null; repoId: string | null; preferred: string[] }): NewGuest & { start: boolean } {
  const [root, card] = deviceNames(guest.type)
  const nics = guest.nics.map(({ bridge, mac }, at) => ({ name: `${card}${at}`, bridge, mac: mac === null ? null : parseMac(mac) }))
  const askedMacs = nics.flatMap(({ mac }) => (mac === null ? [] : [mac]))
  return {
    type: guest.type, os: guest.os, vcpus: guest.vcpus, memoryMiB: guest.memoryMiB, diskMiB: guest.rootDiskMiB, ha: guest.ha, haPriority: guest.haPriority, owner, group: guest.group, visibility: guest.visibility,
    template, repoId, tags: guest.tags, preferred, start: guest.start, ...(askedMacs.length > 0 ? { askedMacs } : {}),
    details: {
      nics, disks: [{ name: root, kind: 'file', sizeMiB: guest.rootDiskMiB, file: `running_pool/${guest.name}/System.img` }],
      cdrom: iso, bootDevice: guest.bootDevice, cpuPriority: guest.cpuPriority, cpuCap: guest.cpuCap, keyboard: guest.keyboard, description: guest.description,
    },
  }
}

/** Addresses that were asked for and that guests have already. */
async function takenMacs(reader: Reader, caller: Caller, guests: readonly GuestSpec[]): Promise<{ at: number; fault: GuestFault }[]> {
  const asked = guests.flatMap((guest, at) => (guest.nics ?? []).flatMap(({ mac }) => (mac === null ? [] : [{ at, mac: parseMac(mac)! }])))
  const owners = await guestsWithMacs(reader, caller, asked.map(one => one.mac))
  return asked.filter(one => owners.has(one.mac)).map(({ at, mac }) => ({ at, fault: { field: 'nics', code: 'vm.mac', message: `${mac} is the address of ${owners.get(mac)![0]!.named}`, hint: 'leave the address out: each gets its own' } }))
}

/** All faults as one refusal: their code when they share it, else it is a bad request. */
function refusal(guests: readonly GuestSpec[], faults: readonly { at: number; fault: GuestFault }[]): Refusal {
  const [first] = faults
  const told = faults.slice(0, mostFaults).map(({ at, fault }) => ({ at, name: guests[at]!.name, field: fault.field, code: fault.code, message: fault.message, hint: fault.hint }))
  const said = ({ at, fault }: (typeof faults)[number]) => `guest ${guests[at]!.name}: ${fault.field}: ${fault.message}`
  const code = faults.every(({ fault }) => fault.code === first!.fault.code) ? first!.fault.code : 'usage.argument'
  return new Refusal(code, `${faults.slice(0, 3).map(said).join('; ')}${faults.length > 3 ? `; and ${faults.length - 3} more` : ''}`, first!.fault.hint, { faults: told, total: faults.length })
}
