import * as v from 'valibot'
import { described } from './described.js'

/** A network card of a guest. */
export const nicShape = v.strictObject({ name: v.string(), bridge: v.string(), mac: v.string() })

/** A disk of a guest. */
export const guestDiskShape = v.strictObject({
  name: v.string(), kind: v.picklist(['file', 'shared', 'physical']),
  sizeMiB: described(v.nullable(v.pipe(v.number(), v.integer())), 'null: of a device nobody asked'),
  file: described(v.string(), 'in its repository; of a device its path on the servers'),
})
