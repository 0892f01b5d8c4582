import { userPasswordDetails } from '../../contract/details/people.js'
import { validate } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import type { Act, ActEnd } from '../acts.js'
import { runTable, userTable } from '../schema.js'
import { gone, peopleOf } from './people.js'
import { revokeTokensOf } from './tokens.js'

/** `user password`: another password for one user. What comes here is what scrypt made of it (seal.ts), and nothing of it stays in the run. */
export const userPasswordAct: Act<null> = {
  async check(_reader, _caller, request, targets) {
    validate(userPasswordDetails, request.options.details)
    if (targets.length > 1) throw new Refusal('usage.argument', `${targets.length} users would get the same password`, 'name one')
  },
  async carryOut(tx, { run, items }) {
    const { password } = validate(userPasswordDetails, run.options.details)
    const people = await peopleOf(tx, items)
    const ends: ActEnd[] = []
    for (const item of items) {
      const user = people.get(item.targetId)
      if (user) await tx.update(userTable, [{ name: item.name, password }])
      ends.push(user ? { result: 'done', error: null, state: user.state, event: item.name === run.user ? `user ${item.name} changed his password` : `user ${item.name} was given a new password` } : gone(item, 'user'))
    }
    await revokeTokensOf(tx, ends.flatMap((end, at) => (end.result === 'done' ? [items[at]!.name] : [])))
    const { details: _, ...options } = run.options
    await tx.update(runTable, [{ id: run.id, options: JSON.stringify(options) }])
    return ends
  },
}
