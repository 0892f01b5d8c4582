import * as v from 'valibot'
import { errorCodes, type ErrorCode, type Fault } from '../../model/errors.js'
import { exitCodes } from '../../model/exit-codes.js'
import { described } from './described.js'

const entries = {
  code: described(v.picklist(Object.keys(errorCodes) as ErrorCode[]), 'stable, kind.reason: ovmcli help errors lists them'),
  message: described(v.string(), 'what happened, to what; for people, its words may change'),
  hint: described(v.nullable(v.string()), 'what to do next'),
  details: described(v.unknown(), 'data that goes with the code, such as candidates or blockers'),
}

/** Why one target failed. */
export const faultShape = v.strictObject(entries) satisfies v.GenericSchema<unknown, Fault>

const { code, ...rest } = entries

/** What stands on stdout instead of a result when a command ends before its targets are resolved. */
export const errorShape = v.strictObject({
  error: v.strictObject({ code, exit: described(v.picklist(Object.keys(exitCodes).map(Number)), 'the exit code of the command'), ...rest }),
})
