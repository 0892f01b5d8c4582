import * as v from 'valibot'
import { agentStates, serverNetworks, serverRoles, serverStates } from '../../model/object-states.js'
import { countShape, described } from './described.js'

/** A network card of a server, as `server network` lists it. */
export const serverNicShape = v.strictObject({
  server: v.string(),
  nic: v.string(),
  mac: v.string(),
  speedMbit: countShape,
  address: described(v.nullable(v.string()), 'of the server itself there; null: none'),
  bridge: described(v.string(), 'what guests are attached to'),
  interfaces: described(v.array(v.string()), 'what of the server itself is on the bridge'),
  networks: described(v.array(v.picklist(serverNetworks)), 'what goes over it beside the traffic of guests'),
})

/** The agent of a server, as `agent show` shows it. */
export const agentShape = v.strictObject({
  server: v.string(),
  pool: v.string(),
  address: v.string(),
  port: countShape,
  version: v.string(),
  state: v.picklist(agentStates),
  serverState: v.picklist(serverStates),
  roles: v.array(v.picklist(serverRoles)),
})

/** What the agent of a server was told, and how it ended. */
export const agentLogShape = v.strictObject({ server: v.string(), lines: described(v.array(v.string()), 'oldest first') })
