import * as v from 'valibot'
import { name, names } from './texts.js'

/** What `vm clone` makes: as many guests of each source as the names go round, in the order of the sources, in their pool or another. */
export const cloneDetails = v.strictObject({ names, pool: v.nullable(name) })

/** What `vm template` makes. */
export const templateDetails = v.strictObject({ name })
