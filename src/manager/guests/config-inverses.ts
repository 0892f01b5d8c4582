import type { OperationOptions } from '../../contract/requests.js'
import type { Fault } from '../../model/errors.js'
import type { GuestDisk } from '../../model/guest-disks.js'
import type { ItemRecord } from '../run-records.js'

interface Nic { name: string; bridge: string; mac: string }

/** What takes changes of what a guest is back, by what the item says it changed; or why that cannot be. */
type Own = (item: ItemRecord) => Partial<OperationOptions> | Fault

/** `vm update` with what was so before. */
export const asItWas: Own = item => {
  const { tags, consolePassword: _, ...details } = item.change!.before
  if ('consolePassword' in item.change!.before) return impossible(`the password that the console of guest ${item.name} had is not kept`, 'vm update --console-password-file sets one')
  const [before, after] = [tags, item.change!.after['tags']] as (Record<string, string> | undefined)[]
  return { details, tags: before ? { set: before, unset: Object.keys(after ?? {}).filter(key => !Object.hasOwn(before, key)) } : null }
}

export const withoutAddedNic: Own = item => ({ details: { nic: added(nics(item)).name } })

export const nicAsItWas: Own = item => {
  const { before, after } = nics(item)
  const nic = before.find((one, at) => one.bridge !== after[at]!.bridge || one.mac !== after[at]!.mac)!
  return { details: { nic: nic.name, bridge: nic.bridge, mac: nic.mac } }
}

export const withRemovedNic: Own = item => {
  const { bridge, mac } = removed(nics(item))
  return { details: { bridge, mac } }
}

export const withoutAddedDisk: Own = item => ({ details: { disk: added(disks(item)).name } })

export const withRemovedDisk: Own = item => {
  const disk = removed(disks(item))
  return disk.kind === 'physical' ? { details: { device: disk.file } } : impossible(`the file of disk ${disk.name} of guest ${item.name} is gone`, 'vm disk add gives an empty one')
}

export const emptied: Own = item => {
  const iso = item.change!.before['cdrom'] as string | null
  return iso === null ? {} : impossible(`ISO ${iso} was in the CD-ROM of guest ${item.name} before`, `vm cdrom insert ${item.name} --iso ${iso}`)
}

export const insertedAgain: Own = item => ({ details: { iso: item.change!.before['cdrom'] } })

interface Parts<P> { before: P[]; after: P[] }

function nics({ change }: ItemRecord): Parts<Nic> {
  return { before: change!.before['nics'] as Nic[], after: change!.after['nics'] as Nic[] }
}

function disks({ change }: ItemRecord): Parts<GuestDisk> {
  return { before: change!.before['disks'] as GuestDisk[], after: change!.after['disks'] as GuestDisk[] }
}

function added<P extends { name: string }>({ before, after }: Parts<P>): P {
  return after.find(one => !before.some(other => other.name === one.name))!
}

function removed<P extends { name: string }>({ before, after }: Parts<P>): P {
  return added({ before: after, after: before })
}

function impossible(message: string, hint: string): Fault {
  return { code: 'undo.impossible', message, hint, details: null }
}
