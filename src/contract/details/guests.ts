import * as v from 'valibot'
import { guestSpecSchema } from './guest-spec.js'
import { name, names } from './texts.js'

/** What `vm create` makes. */
export const createDetails = v.strictObject({ guests: v.pipe(v.array(guestSpecSchema), v.minLength(1, 'no guest is asked for'), v.maxLength(100_000, 'more than 100,000')) })

/** What `vm clone` makes: as many guests of each source as the names go round, in the order of the sources, in their pool or another. */
export const cloneDetails = v.strictObject({ names, pool: v.nullable(name) })

/** What `vm template` makes. */
export const templateDetails = v.strictObject({ name })
