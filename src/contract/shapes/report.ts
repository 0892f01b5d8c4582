import * as v from 'valibot'
import { itemResults } from '../../model/object-states.js'
import { runOperations } from '../../model/operations.js'
import { countShape, described, timeShape } from './described.js'
import { faultShape } from './fault.js'

/** One target of a run in its report (cli.md, "The report of an acting verb"). */
export const reportItemShape = v.strictObject({
  kind: described(v.string(), 'the kind of target: vm, server'),
  id: v.string(),
  name: v.string(),
  pool: v.nullable(v.string()),
  result: described(v.picklist(itemResults), 'what became of it; unknown: accepted, but the outcome was not seen'),
  state: described(v.nullable(v.string()), 'its state afterwards'),
  job: described(v.nullable(v.string()), 'the job that did it; null where nothing was to be done'),
  startedAt: v.nullable(timeShape),
  seconds: described(v.nullable(v.number()), 'how long it took, in seconds on the clock of the farm'),
  error: v.nullable(faultShape),
})

/** The report of an acting verb. `total` is the sum of the eight counts. */
export const reportShape = v.strictObject({
  run: described(v.nullable(v.string()), 'the id of the run; null where there is none to be looked at later (a dry run, a wait)'),
  operation: described(v.picklist([...runOperations, 'vm.wait']), 'what was done'),
  farm: v.string(),
  user: v.string(),
  total: described(countShape, 'targets: the sum of the eight counts that follow'),
  done: countShape,
  unchanged: described(countShape, 'it was so already'),
  failed: countShape,
  unknown: described(countShape, 'accepted, but the outcome was not seen: read back before trying again'),
  notAttempted: countShape,
  accepted: described(countShape, 'handed over (--no-wait)'),
  wouldDo: described(countShape, 'would be done (--dry-run)'),
  wouldFail: described(countShape, 'would fail (--dry-run)'),
  startedAt: timeShape,
  endedAt: v.nullable(timeShape),
  elapsedSeconds: v.number(),
  warnings: v.exactOptional(described(v.array(v.strictObject({ name: v.string(), message: v.string() })), 'what is not as it should be, and was done all the same; left out where there is nothing')),
  items: described(v.array(reportItemShape), 'the targets, in the order they were selected in'),
})
