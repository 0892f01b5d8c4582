import * as v from 'valibot'
import { userStates } from '../../model/object-states.js'
import { roles, type Reach } from '../../model/permissions.js'
import { recordKinds } from '../fields.js'
import { actions } from '../requests.js'
import { described } from './described.js'

const reaches = ['none', 'own', 'granted', 'all'] as const satisfies readonly Reach[]

/** Who acts, as the manager knows him. */
export const accountShape = v.strictObject({
  user: v.string(),
  role: v.picklist(roles),
  state: v.picklist(userStates),
  email: v.nullable(v.string()),
  groups: v.array(v.string()),
  pools: described(v.array(v.string()), 'the pools that are granted to him'),
  farm: v.string(),
  simulated: v.boolean(),
})

/** What `whoami` shows. */
export const whoAmIShape = v.strictObject({ ...accountShape.entries, home: described(v.string(), 'the folder where farms are kept') })

const actionShape = v.picklist(actions)
const target = v.nullable(v.strictObject({ kind: v.picklist(recordKinds), id: v.string(), name: v.string(), pool: v.nullable(v.string()) }))

/** Whether somebody may do something, and why. It is about permission alone: the state of the object may still forbid it. */
export const permittedShape = v.strictObject({
  allowed: v.boolean(),
  user: v.string(),
  role: v.picklist(roles),
  farm: v.string(),
  action: actionShape,
  reach: described(v.picklist(reaches), 'how far his role reaches with that; of taking up a run, to which runs'),
  target: described(target, 'the object that was named; null where none was, or the role may never'),
  reason: v.string(),
  hint: described(v.nullable(v.string()), 'what to do when it is not allowed'),
})

/** Whether somebody may give a command, as `can-i` shows it. Of a command that asks nobody role, farm and reach are null. */
export const rightAnswerShape = v.strictObject({
  allowed: v.boolean(),
  verb: v.string(),
  topic: v.nullable(v.string()),
  name: v.nullable(v.string()),
  user: v.string(),
  role: v.nullable(permittedShape.entries.role),
  farm: v.nullable(v.string()),
  permission: described(v.nullable(actionShape), 'what the manager has to permit'),
  reach: v.nullable(permittedShape.entries.reach),
  target,
  reason: v.string(),
  hint: v.nullable(v.string()),
})

/** What the doctor found. */
export const healthCheckShape = v.strictObject({
  check: v.string(),
  result: v.picklist(['ok', 'warning', 'error']),
  message: v.string(),
  hint: described(v.nullable(v.string()), 'what to do about it'),
})
