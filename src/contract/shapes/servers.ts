import * as v from 'valibot'
import { agentStates, serverNetworks, serverRoles, serverStates } from '../../model/object-states.js'
import { repositoryKinds } from '../../model/repositories.js'
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

/** A repository that a server has mounted, as `server repos` lists it. */
export const serverRepoShape = v.strictObject({
  server: v.string(),
  root: described(v.boolean(), 'the root repository of its pool, which comes first'),
  uuid: v.string(),
  device: v.string(),
  kind: v.picklist(repositoryKinds),
  mountPoint: v.string(),
  sizeMiB: countShape,
  freeMiB: countShape,
  lockDevice: described(v.nullable(v.string()), 'the hidden device that the cluster locks by, of one on NFS'),
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
