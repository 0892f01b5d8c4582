import * as v from 'valibot'
import { type GuestSpec } from '../../model/guest-spec.js'
import { bootDevices, visibilities, vmTypes } from '../../model/object-states.js'

const text = v.pipe(v.string(), v.maxLength(4_096, 'longer than 4,096 characters'))
const optionalText = v.nullable(text)
const whole = v.pipe(v.number(), v.integer())
const optionalWhole = v.nullable(whole)

/** The most tags that a request may carry for one guest. */
const mostTags = 1_000

/** Tags by key. Not `v.record`, which silently leaves out a name such as `constructor`. */
const tags = v.custom<Record<string, string>>(
  given => typeof given === 'object' && given !== null && !Array.isArray(given) && Object.keys(given).length <= mostTags && Object.values(given).every(value => v.is(text, value)), 'not an object of texts')

/** A new network card on the wire. */
export const nicSpecSchema = v.strictObject({ bridge: text, mac: optionalText })

/**
 * A new guest on the wire: its shape only, every field there. Whether the values are right is asked of guestFaults
 * (src/model/guest-faults.ts), which finds all that is wrong at once.
 */
export const guestSpecSchema = v.strictObject({
  name: text, pool: text, template: optionalText, iso: optionalText, pxe: v.boolean(), diskMiB: optionalWhole,
  type: v.nullable(v.picklist(vmTypes)), os: optionalText, vcpus: optionalWhole, memoryMiB: optionalWhole,
  nics: v.nullable(v.pipe(v.array(nicSpecSchema), v.maxLength(100))), ha: v.boolean(), haPriority: whole,
  preferredServers: v.pipe(v.array(text), v.maxLength(1_000)), cpuPriority: optionalWhole, cpuCap: optionalWhole,
  bootDevice: v.nullable(v.picklist(bootDevices)), owner: optionalText, group: optionalText, visibility: v.picklist(visibilities), tags,
  repository: optionalText, consolePassword: optionalText, keyboard: text, description: optionalText, start: v.boolean(),
}) satisfies v.GenericSchema<GuestSpec>

/** A new guest as it crosses the port. */
export type NewGuest = v.InferOutput<typeof guestSpecSchema>
