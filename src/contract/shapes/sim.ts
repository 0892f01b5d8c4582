import * as v from 'valibot'
import { faultKinds } from '../../model/fault-kinds.js'
import { countShape, described, timeShape } from './described.js'
import { clockShape } from './farm.js'

/** An embedded farm, as `sim list` shows it. */
export const farmSummaryShape = v.strictObject({
  name: v.string(),
  preset: described(v.nullable(v.string()), 'null, like all that follows, of a farm that cannot be read'),
  seed: v.nullable(countShape),
  current: described(v.boolean(), 'commands work on it when they name no other'),
  pools: v.nullable(countShape),
  servers: v.nullable(countShape),
  vms: v.nullable(countShape),
})

/** What `sim create` did. */
export const farmMadeShape = v.strictObject({
  ...farmSummaryShape.entries,
  notStarted: described(v.array(v.string()), 'guests that --running found no room for'),
})

/** What `sim status` shows of the simulated world. */
export const worldStatusShape = v.strictObject({
  farm: v.string(),
  preset: v.string(),
  seed: countShape,
  time: described(timeShape, 'the clock of the farm'),
  clock: clockShape,
  activities: described(countShape, 'what is under way in the world'),
  nextDueAt: described(v.nullable(timeShape), 'when the next of them, or a fault, falls due'),
  physics: described(v.record(v.string(), v.number()), 'how long things take: milliseconds, bytes a second'),
})

/** A preset, as `sim presets` shows it. */
export const presetSummaryShape = v.strictObject({ name: v.string(), pools: described(v.string(), 'the names of its pools'), description: v.string() })

/** A fault of a farm, as `sim fault list` shows it. */
export const faultSummaryShape = v.strictObject({
  id: v.string(),
  kind: v.picklist(Object.keys(faultKinds)),
  subject: v.string(),
  state: v.picklist(['waiting', 'active', 'over']),
  at: described(timeShape, 'when it begins'),
  until: described(v.nullable(timeShape), 'null: until it is cleared'),
  probability: described(v.nullable(v.number()), 'how likely it strikes on each occasion, from 0 to 1; null: always'),
  count: described(v.nullable(countShape), 'on how many occasions at most'),
  occasions: described(countShape, 'how often it struck'),
})
