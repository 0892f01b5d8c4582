import * as v from 'valibot'
import { countShape, described } from './described.js'
import { errorShape } from './fault.js'

/** What became of one line of a batch. */
export const batchAnswerShape = v.strictObject({
  line: described(countShape, 'the number of the line, from 1'),
  command: described(v.string(), 'the command as it stands there'),
  exit: described(v.pipe(v.number(), v.integer()), 'its exit code'),
  result: described(v.unknown(), 'what it printed: of JSON the data, of all else the text; null for nothing'),
  error: described(v.nullable(errorShape.entries.error), 'why it ended before it had a result, or with a failure'),
})
