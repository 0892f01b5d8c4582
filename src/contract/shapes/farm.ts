import * as v from 'valibot'
import { poolStates, serverRoles, serverStates, storageKinds } from '../../model/object-states.js'
import { vmStates } from '../../model/vm-states.js'
import { countShape, described, timeShape } from './described.js'

/** The state of a whole farm (cli.md, `farm status`). */
export const farmStatusShape = v.strictObject({
  farm: v.string(),
  simulated: v.boolean(),
  time: described(timeShape, 'the clock of the farm'),
  pools: countShape,
  servers: described(v.record(v.picklist(['total', ...serverStates]), countShape), 'how many there are, and in each state that any is in'),
  vms: described(v.record(v.picklist(['total', ...vmStates]), countShape), 'how many there are, and in each state that any is in'),
  memoryMiB: countShape,
  memoryFreeMiB: countShape,
  channels: described(countShape, 'connections that the manager needs: one a pool, to its master'),
  degraded: described(v.array(v.string()), 'what is not as it should be'),
})

const drawnVm = v.strictObject({ name: v.string(), state: v.picklist(vmStates) })

/** What a drawing of the farm shows. */
export const farmTopologyShape = v.strictObject({
  farm: v.string(),
  pools: v.array(v.strictObject({
    name: v.string(),
    state: v.picklist(poolStates),
    storage: v.picklist(storageKinds),
    ha: v.boolean(),
    virtualIp: v.nullable(v.string()),
    repositories: v.array(v.strictObject({ name: v.string(), kind: v.string(), sizeMiB: countShape })),
    servers: v.array(v.strictObject({ name: v.string(), address: v.string(), state: v.picklist(serverStates), roles: v.array(v.picklist(serverRoles)), vms: v.array(drawnVm) })),
    elsewhere: described(v.array(drawnVm), 'guests that are on no server'),
  })),
})

const clockMode = described(v.picklist(['standing', 'rate']), 'rate: it follows the wall clock')

/** How the clock of a simulated farm goes. */
export const clockShape = v.strictObject({ mode: clockMode, rate: described(v.number(), 'farm seconds a wall second') })

/** What moving the clock did. */
export const clockReadingShape = v.strictObject({
  now: timeShape,
  ...clockShape.entries,
  processed: described(countShape, 'how many times a server had something to tell of what fell due in this call'),
})
