import { cloneDetails } from '../../contract/details/guests.js'
import { validate } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import { resolveTargets } from '../targets.js'
import type { Maker, NewTarget } from '../making.js'
import { loadGuests, type GuestCopy } from './guest-copy.js'
import { giveAddresses, type NewGuest } from './new-guest.js'
import { checkNew, poolFor } from './new-names.js'

/** `vm clone`: guests like one that is there, or like several. */
export const cloneMaker: Maker = {
  async plan(reader, caller, request) {
    const { names, pool: poolName } = validate(cloneDetails, request.options.details)
    const sources = await resolveTargets(reader, caller, 'vm', request.selector)
    if (sources.length === 0) return []
    if (names.length % sources.length !== 0) throw new Refusal('usage.argument', `${names.length} ${names.length === 1 ? 'name does' : 'names do'} not go round ${sources.length} guests`, 'give as many names for each guest')
    const elsewhere = poolName === null ? null : await poolFor(reader, caller, 'vm.clone', poolName)
    const guests = await loadGuests(reader, sources.map(source => source.id))
    const each = names.length / sources.length
    const targets = sources.flatMap((source, at) => names.slice(at * each, (at + 1) * each).map((name): NewTarget => {
      const pool = elsewhere ?? { id: source.poolId, name: source.pool }
      return { id: null, name, poolId: pool.id, pool: pool.name, state: null, sourceId: source.id, spec: likeIt(guests.get(source.id)!, name, caller.user, elsewhere !== null && elsewhere.id !== source.poolId) }
    }))
    if (elsewhere === null) for (const source of sources) await poolFor(reader, caller, 'vm.clone', source.pool)
    await checkNew(reader, 'vm', targets)
    return targets
  },
  complete: giveAddresses,
}

/** A guest like another: its own files and addresses, and nobody else's yet. In another pool it leaves behind what belongs to the old one. */
function likeIt(guest: GuestCopy, name: string, owner: string, elsewhere: boolean): NewGuest {
  const { details } = guest
  const nics = (details['nics'] as object[]).map(nic => ({ ...nic, mac: null }))
  const disks = (details['disks'] as { kind: string; file: string }[]).filter(disk => disk.kind === 'file').map(disk => ({ ...disk, file: disk.file.replace(`/${guest.name}/`, `/${name}/`) }))
  return {
    ...guest.spec, owner, group: null, visibility: 'private', repoId: null, ha: guest.spec.ha && !elsewhere, preferred: elsewhere ? [] : guest.spec.preferred,
    details: { ...details, nics, disks, cdrom: elsewhere ? null : (details['cdrom'] ?? null) },
  }
}
