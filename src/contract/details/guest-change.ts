import * as v from 'valibot'
import { bootDevices, visibilities, vmTypes } from '../../model/object-states.js'

const text = v.pipe(v.string(), v.maxLength(4_096, 'longer than 4,096 characters'))
const whole = v.pipe(v.number(), v.integer())

/**
 * What `vm update` changes beside tags, which are `options.tags`: what is left out stays as it is, null takes away. Whether the
 * values are right is asked of src/model/guest-change.ts. The password of the console is `options.secret`; here is only that there is one.
 */
export const guestChangeDetails = v.strictObject({
  name: v.exactOptional(text), type: v.exactOptional(v.picklist(vmTypes)), os: v.exactOptional(text), vcpus: v.exactOptional(whole), memoryMiB: v.exactOptional(whole),
  ha: v.exactOptional(v.boolean()), haPriority: v.exactOptional(whole), preferredServers: v.exactOptional(v.pipe(v.array(text), v.maxLength(1_000))),
  cpuPriority: v.exactOptional(v.nullable(whole)), cpuCap: v.exactOptional(v.nullable(whole)), bootDevice: v.exactOptional(v.picklist(bootDevices)),
  owner: v.exactOptional(text), group: v.exactOptional(v.nullable(text)), visibility: v.exactOptional(v.picklist(visibilities)), keyboard: v.exactOptional(text), description: v.exactOptional(v.nullable(text)),
  consolePassword: v.exactOptional(v.literal(true)),
})

/** What `vm update` changes, as it crosses the port. */
export type GuestChangeDetails = v.InferOutput<typeof guestChangeDetails>
