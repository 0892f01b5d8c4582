import { userPasswordDetails } from '../../contract/details/people.js'
import { validate } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import type { Act, ActEnd } from '../acts.js'
import { secretOf } from '../run-secrets.js'
import { userTable } from '../schema.js'
import { gone, lostPassword, peopleOf } from './people.js'
import { revokeTokensOf } from './tokens.js'

/** `user password`: another password for one user. What scrypt made of it is the secret of the run (seal.ts). */
export const userPasswordAct: Act<null> = {
  async check(_reader, _caller, request, targets) {
    validate(userPasswordDetails, request.options.details)
    if (targets.length > 1) throw new Refusal('usage.argument', `${targets.length} users would get the same password`, 'name one')
  },
  async carryOut(tx, { run, items }) {
    const password = await secretOf(tx, run.id)
    const people = await peopleOf(tx, items)
    const ends: ActEnd[] = []
    for (const item of items) {
      const user = people.get(item.targetId)
      if (user && password !== null) await tx.update(userTable, [{ name: item.name, password }])
      ends.push(!user ? gone(item, 'user') : password === null ? lostPassword(item, user.state) : { result: 'done', error: null, state: user.state, event: item.name === run.user ? `user ${item.name} changed his password` : `user ${item.name} was given a new password` })
    }
    await revokeTokensOf(tx, ends.flatMap((end, at) => (end.result === 'done' ? [items[at]!.name] : [])))
    return ends
  },
}
