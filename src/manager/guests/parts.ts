import { cdromDetails, nicAddDetails, nicRemoveDetails, nicUpdateDetails } from '../../contract/details/guest-parts.js'
import { validate } from '../../contract/requests.js'
import type { Fault } from '../../model/errors.js'
import { changedGuestFaults } from '../../model/guest-change.js'
import { nextNicName } from '../../model/guest-disks.js'
import type { PartOperation } from '../../model/vm-part-states.js'
import type { Transaction } from '../../store/store.js'
import { failedEnd, type Act, type ActEnd, type Change } from '../acts.js'
import { changedWords } from '../changed-words.js'
import { refusedBy } from '../files/decide.js'
import { fault, leaseFault, ownOptions } from '../launch.js'
import { callerNamed } from '../principal.js'
import { takeMacs, type ItemRecord } from '../run-records.js'
import { vmDetailTable } from '../schema.js'
import { guestsWithMacs } from './macs.js'
import { partStateFault } from './part-state.js'
import { outOfReach } from './recorded.js'
import { loadUpdateScene, type UpdateGuest } from './update-scene.js'

/** A network card of a guest, as it is recorded. */
interface Nic { name: string; bridge: string; mac: string }

/** What becomes of a part of a guest: refused, so already, or what its details are to say, in words for the event. */
type PartPlan = { fault: Fault } | { already: true } | { details: Record<string, unknown>; event: string }

/** Changes parts of guests that are in the records alone: what of each guest's details, one after the other. */
function partAct(verb: PartOperation, plan: (tx: Transaction, guest: UpdateGuest, details: unknown, user: string) => Promise<PartPlan>): Act<null> {
  return {
    async carryOut(tx, { run, items }) {
      const scene = await loadUpdateScene(tx, run, items, [])
      const ends: ActEnd[] = []
      for (const item of items) ends.push(await endOf(tx, item, scene.guests.get(item.targetId), run.policy.strict, guest => plan(tx, guest, ownOptions(run.options, item).details, run.user)))
      return ends
    },
  }

  async function endOf(tx: Transaction, item: ItemRecord, guest: UpdateGuest | undefined, strict: boolean, planned: (guest: UpdateGuest) => Promise<PartPlan>): Promise<ActEnd> {
    const out = outOfReach(item, guest)
    if (out) return out
    const { state } = guest!
    const refusal = partStateFault(verb, { name: item.name, state }) ?? refusedBy(guest!.inPool)
    if (refusal) return failedEnd(refusal, state)
    const made = await planned(guest!)
    if ('fault' in made) return failedEnd(made.fault, state)
    if ('already' in made) return strict ? failedEnd(fault('vm.unchanged', `guest ${item.name} is so already`, 'leave out --strict to take that as success'), state) : { result: 'unchanged', error: null, state }
    await tx.update(vmDetailTable, [{ vm_id: guest!.id, details: JSON.stringify(made.details) }])
    return { result: 'done', error: null, state, event: made.event, change: differing(guest!.details, made.details) }
  }
}

function differing(before: Record<string, unknown>, after: Record<string, unknown>): Change {
  const fields = Object.keys(after).filter(field => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
  const of = (details: Record<string, unknown>) => Object.fromEntries(fields.map(field => [field, details[field] ?? null]))
  return { before: of(before), after: of(after) }
}

/** Puts other network cards into a guest, unless it could not be with them. */
async function withNics(tx: Transaction, guest: UpdateGuest, nics: readonly Nic[], event: string, user: string): Promise<PartPlan> {
  const known = guest.facts.nics.map(nic => nic.mac)
  const owners = await guestsWithMacs(tx, await callerNamed(tx, user), nics.map(nic => nic.mac).filter(mac => !known.includes(mac)))
  const [taken] = owners
  if (taken) return { fault: fault('vm.mac', `${taken[0]} is the address of ${taken[1][0]!.named}`, 'leave the address out: each gets its own') }
  const [wrong] = changedGuestFaults(guest.facts, { ...guest.facts, nics: nics.map(({ bridge, mac }) => ({ bridge, mac })) }, null)
  if (wrong) return { fault: fault('vm.config', `guest ${guest.name}: ${wrong.field}: ${wrong.message}`, wrong.hint ?? `vm nic list ${guest.name} shows what there is`) }
  return { details: { ...guest.details, nics }, event }
}

function nicsOf(guest: UpdateGuest): Nic[] {
  return (guest.details['nics'] ?? []) as Nic[]
}

function noNic(guest: UpdateGuest, nic: string): PartPlan {
  return { fault: fault('not-found.nic', `guest ${guest.name} has no network card ${nic}`, `vm nic list ${guest.name} shows what there is`) }
}

export const nicAddAct = partAct('nic-add', async (tx, guest, given, user) => {
  const { bridge, mac: wanted } = validate(nicAddDetails, given)
  const mac = wanted ?? (await takeMacs(tx, 1))[0]!
  const nic = { name: nextNicName(nicsOf(guest)), bridge, mac }
  return withNics(tx, guest, [...nicsOf(guest), nic], `guest ${guest.name} has a network card ${nic.name} (${mac}) on ${bridge}`, user)
})

export const nicUpdateAct = partAct('nic-update', async (tx, guest, given, user) => {
  const { nic: name, bridge, mac } = validate(nicUpdateDetails, given)
  const before = nicsOf(guest).find(nic => nic.name === name)
  if (!before) return noNic(guest, name)
  const after = { ...before, bridge: bridge ?? before.bridge, mac: mac ?? before.mac }
  if (after.bridge === before.bridge && after.mac === before.mac) return { already: true }
  return withNics(tx, guest, nicsOf(guest).map(nic => (nic === before ? after : nic)), `network card ${name} of guest ${guest.name}: ${changedWords({ before: { bridge: before.bridge, mac: before.mac }, after: { ...(after.bridge === before.bridge ? {} : { bridge: after.bridge }), ...(after.mac === before.mac ? {} : { mac: after.mac }) } })}`, user)
})

export const nicRemoveAct = partAct('nic-remove', async (tx, guest, given, user) => {
  const { nic: name } = validate(nicRemoveDetails, given)
  if (!nicsOf(guest).some(nic => nic.name === name)) return noNic(guest, name)
  return withNics(tx, guest, nicsOf(guest).filter(nic => nic.name !== name), `guest ${guest.name} has no network card ${name} any more`, user)
})

export const cdromInsertAct = partAct('cdrom-insert', async (tx, guest, given) => {
  const { iso: wanted } = validate(cdromDetails, given)
  if (guest.facts.type === 'pv') return { fault: fault('vm.config', `guest ${guest.name} is pv, and has no CD-ROM`, `vm update ${guest.name} --type hvm gives it one`) }
  const isos = await tx.select<{ id: string; name: string; state: string; job: string | null; operation: string | null }>({ id: 't.id', name: 't.name', state: 't.state', job: 'l.job', operation: 'l.operation' },
    `from resource t join pool p on p.id = t.pool_id left join item l on l.lease = t.id where t.kind = 'iso' and t.pool_id = ?1 and (t.id = ?2 or t.name = ?2 or p.name || '/' || t.name = ?2)`, [guest.poolId, wanted])
  const iso = isos.find(one => one.id === wanted) ?? isos[0]
  if (!iso) return { fault: fault('not-found.iso', `there is no ISO ${wanted} in pool ${guest.pool}`, `iso list --pool ${guest.pool} shows what there is`) }
  if (iso.job !== null) return { fault: leaseFault(`ISO ${iso.name}`, iso.job, iso.operation!) }
  if (iso.state !== 'active') return { fault: fault('iso.state', `ISO ${iso.name} is ${iso.state}`, `iso approve ${iso.name} makes one that is pending active`) }
  if (guest.facts.cdrom === iso.name) return { already: true }
  return { details: { ...guest.details, cdrom: iso.name }, event: `ISO ${iso.name} is in the CD-ROM of guest ${guest.name}` }
})

export const cdromEjectAct = partAct('cdrom-eject', async (_tx, guest) => {
  if (guest.facts.cdrom === null) return { already: true }
  return { details: { ...guest.details, cdrom: null }, event: `ISO ${guest.facts.cdrom} is out of the CD-ROM of guest ${guest.name}` }
})
