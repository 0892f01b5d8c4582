import * as v from 'valibot'
import { name } from './texts.js'

const sizeMiB = v.pipe(v.number(), v.integer())

/** What `vm nic add` gives a guest; without an address it gets one of the farm's. */
export const nicAddDetails = v.strictObject({ bridge: name, mac: v.nullable(name) })

/** What `vm nic update` changes of a network card; null: that stays. */
export const nicUpdateDetails = v.strictObject({ nic: name, bridge: v.nullable(name), mac: v.nullable(name) })

/** Which network card `vm nic remove` takes away. */
export const nicRemoveDetails = v.strictObject({ nic: name })

/** What `vm disk add` gives a guest: a disk of that size in its repository, or a device that its servers see. */
export const diskAddDetails = v.union([v.strictObject({ sizeMiB }), v.strictObject({ device: name })])

/** Which disk `vm disk remove` takes away. */
export const diskRemoveDetails = v.strictObject({ disk: name })

/** What `vm cdrom insert` puts into the drive of a guest: an ISO of its pool. */
export const cdromDetails = v.strictObject({ iso: name })
