import * as v from 'valibot'
import { serverRoles } from '../../model/object-states.js'
import { name } from './texts.js'

/** What `server update` changes; null: it stays. */
export const updateServerDetails = v.strictObject({ roles: v.nullable(v.pipe(v.array(v.picklist(serverRoles)), v.minLength(1, 'names no role'))), rename: v.nullable(name) })

/** The secret of `agent configure`, as JSON text: the password that the agents are to have, and the one they have where the manager does not know it. */
export const agentSecret = v.strictObject({ password: name, oldPassword: v.nullable(name) })
