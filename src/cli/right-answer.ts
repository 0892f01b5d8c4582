import type { InferOutput } from 'valibot'
import type { FarmKeeper } from '../contract/farms.js'
import type { Manager } from '../contract/manager.js'
import type { Principal } from '../contract/requests.js'
import type { rightAnswerShape } from '../contract/shapes/who.js'
import { Refusal } from '../model/errors.js'
import { isGlob } from '../model/glob.js'
import type { CommandRight } from './command-rights.js'
import type { SpokenCommand } from './spoken-command.js'

/** Whether somebody may give a command, as `can-i` shows it. Of a command that asks nobody role, farm and reach are null. */
export type RightAnswer = InferOutput<typeof rightAnswerShape>

/** The fields of an answer, in order. */
export const answerFields = ['allowed', 'verb', 'topic', 'name', 'user', 'role', 'farm', 'permission', 'reach', 'target', 'reason', 'hint'] as const satisfies readonly (keyof RightAnswer)[]

/** Who is asked: the keeper of the farms, and the manager of a farm (null: of the one that is meant anyway). */
export interface Asked { keeper(): Promise<FarmKeeper>; manager(farm: string | null): Promise<Manager> }

/** Whether a user may give a command. @throws Refusal usage.argument, farm.*, not-found.*, auth.unknown-user, auth.locked */
export async function answerRight({ id, topic, verb, name }: SpokenCommand, right: CommandRight, principal: Principal, asked: Asked): Promise<RightAnswer> {
  if (name !== null && right.names === null) throw new Refusal('usage.argument', `whether somebody may ${id} depends on no NAME`, 'leave the NAME out')
  if (name !== null && isGlob(name)) throw new Refusal('usage.argument', `${JSON.stringify(name.slice(0, 80))} is a pattern, not the name of one object`, `ask about one, or leave the NAME out`)
  const answer = { verb, topic, name, user: principal.user }
  const farm = right.names === 'farm' ? name : null
  if (right.onlyOfExisting && (farm === null || !(await asked.keeper()).names().includes(farm))) {
    return { allowed: true, ...answer, ...nobody, reason: 'anybody who may write to the home makes new farms there; replacing one wants its administrator' }
  }
  if (farm !== null) (await asked.keeper()).must(farm)
  if (right.action === null) return { allowed: true, ...answer, ...nobody, reason: `${id} asks nobody: it works on the command line's own things` }
  const manager = await asked.manager(farm)
  const { action, target, ...told } = await manager.mayI({ principal, action: right.action, kind: right.names === 'farm' ? null : right.names, name: right.names === 'farm' ? null : name })
  return { allowed: told.allowed, ...answer, user: told.user, role: told.role, farm: told.farm, permission: action, reach: told.reach, target, reason: told.reason, hint: told.hint }
}

const nobody = { role: null, farm: null, permission: null, reach: null, target: null, hint: null }
