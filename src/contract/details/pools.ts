import * as v from 'valibot'
import { serverRoles, storageKinds } from '../../model/object-states.js'
import { name } from './texts.js'

const optionalText = v.nullable(v.pipe(v.string(), v.maxLength(4_096, 'longer than 4,096 characters')))
const roles = v.nullable(v.pipe(v.array(v.picklist(serverRoles)), v.minLength(1, 'names no role')))

/** Servers that are to be taken into a pool; one without an address is reached by its name. */
const servers = v.pipe(v.array(v.strictObject({ name, address: v.nullable(name) })), v.maxLength(1_000, 'more than 1,000'))

/** What `pool create` makes; the first server becomes the master. Storage null: what the rest asks for. */
export const createPoolDetails = v.strictObject({ name, servers, password: optionalText, storage: v.nullable(v.picklist(storageKinds)), ha: v.boolean(), virtualIp: optionalText })

/** What `pool add-server` adds. Roles null: runs guests, and has whatever role nobody has yet. */
export const addServerDetails = v.strictObject({ pool: name, servers, password: optionalText, roles })

/** What `pool remove-server` removes. */
export const removeServerDetails = v.strictObject({ pool: name, servers: v.array(name) })

/** What `pool update` changes; null: it stays. The virtual IP `none` takes it away. */
export const updatePoolDetails = v.strictObject({ rename: optionalText, storage: v.nullable(v.picklist(storageKinds)), ha: v.nullable(v.boolean()), virtualIp: optionalText })

/** Which server is to be the master; null: the first that can, where there is none. */
export const masterDetails = v.strictObject({ server: v.nullable(name) })
