import * as v from 'valibot'
import { qosClasses } from '../../model/repositories.js'
import { name, names } from './texts.js'

/** The largest repository or shared disk that can be asked for, in MiB: a pebibyte. */
const largestMiB = 1_073_741_824
const sizeMiB = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(largestMiB, 'larger than a pebibyte'))

/** What `repo add` extends a pool by: a device of its servers or an NFS export. `sizeMiB` null: as big as it is. */
export const repoDetails = v.strictObject({ pool: name, device: v.nullable(name), nfs: v.nullable(name), qos: v.nullable(v.picklist(qosClasses)), sizeMiB: v.nullable(sizeMiB) })

/** The shared disks that `disk create` makes; `repo` null: wherever there is most room. */
export const diskDetails = v.strictObject({ names, pool: name, sizeMiB, repo: v.nullable(name) })

export const attachModes = ['w', 'r'] as const
/** What `disk attach` attaches to the guests that are selected, and as what; `device` null: the next one that is free. */
export const attachDetails = v.strictObject({ disk: name, device: v.nullable(name), mode: v.picklist(attachModes) })

/** What `disk detach` takes from them. */
export const detachDetails = v.strictObject({ disk: name })
