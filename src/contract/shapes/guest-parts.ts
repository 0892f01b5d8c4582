import * as v from 'valibot'
import { attachModes } from '../details/storage.js'
import { described } from './described.js'

/** A network card of a guest. */
export const nicShape = v.strictObject({ name: v.string(), bridge: v.string(), mac: v.string() })

const entries = {
  name: v.string(), kind: v.picklist(['file', 'shared', 'physical']),
  sizeMiB: described(v.nullable(v.pipe(v.number(), v.integer())), 'null: of a device nobody asked'),
  file: described(v.string(), 'in its repository; of a device its path on the servers'),
}
const disk = described(v.string(), 'the shared disk that it is')
const mode = described(v.picklist(attachModes), 'whether the guest writes to a shared disk, or reads only')

/** A disk of a guest. */
export const guestDiskShape = v.strictObject({ ...entries, disk: v.exactOptional(disk), mode: v.exactOptional(mode) })

/** A disk of a guest, as it is listed. */
export const guestDiskRowShape = v.strictObject({ ...entries, disk: v.nullable(disk), mode: v.nullable(mode) })
