import * as v from 'valibot'
import { runStates } from '../../model/object-states.js'
import { countShape, described } from './described.js'
import { faultShape } from './fault.js'

const records = v.array(v.record(v.string(), v.unknown()))

/** A page of a list. */
export const pageShape = v.strictObject({
  json: described(v.string(), 'the records: the text of a JSON array'),
  count: countShape,
  cursor: described(v.nullable(v.string()), 'where the next page begins; null when this was the last'),
  position: described(v.nullable(v.string()), 'for one who follows: where he goes on after this page'),
})

/** Whole records, in the order named. */
export const recordsShape = records

/** Where the records stand, for one who follows. */
export const changeNoticeShape = v.strictObject({ revision: v.string(), changed: v.boolean(), farm: v.string(), time: described(v.string(), "the farm's clock as of the revision") })

/** Jobs after a wait for them. */
export const jobsWaitedShape = v.strictObject({ records, gaveUp: described(v.nullable(faultShape), 'why some of them have not ended; null when all have') })

const ofRun = { run: v.string(), farm: v.string(), state: v.picklist(runStates), revision: countShape, total: countShape }

/** A run that was handed over. */
export const runHandleShape = v.strictObject({ ...ofRun, joined: v.exactOptional(described(v.boolean(), 'it is that of an earlier request with this key: whoever asked only follows it; left out where it is his own')) })

/** How far a run has come. */
export const runProgressShape = v.strictObject({ ...ofRun, settled: countShape })
