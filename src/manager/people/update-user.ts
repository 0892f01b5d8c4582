import { userUpdateDetails } from '../../contract/details/people.js'
import { validate } from '../../contract/requests.js'
import type { Row } from '../../store/store.js'
import type { Act, ActEnd } from '../acts.js'
import { changedWords } from '../changed-words.js'
import { userTable } from '../schema.js'
import { Administrators, already, detailsOf, gone, peopleOf } from './people.js'

/** `user update`: role and address. Who is a manager no longer loses the pools that were granted to him: they would come back with the role. */
export const userUpdateAct: Act<null> = {
  async check(_reader, _caller, request) {
    validate(userUpdateDetails, request.options.details)
  },
  async carryOut(tx, { run, items }) {
    const people = await peopleOf(tx, items)
    const administrators = await Administrators.load(tx)
    const rows: Row[] = []
    const ends = items.map((item): ActEnd => {
      const user = people.get(item.targetId)
      if (!user) return gone(item, 'user')
      const asked = detailsOf(userUpdateDetails, run, item)
      const after = { role: asked.role ?? user.role, email: asked.email === undefined ? user.email : asked.email, pools: (asked.role ?? 'manager') === 'manager' ? user.pools : [] }
      const fields = (['role', 'email', 'pools'] as const).filter(field => JSON.stringify(after[field]) !== JSON.stringify(user[field]))
      if (fields.length === 0) return already(run, 'user', `user ${item.name} is so already`, user.state)
      if (after.role !== 'administrator') {
        const stays = administrators.whyStay(item.name)
        if (stays) return { result: 'failed', error: stays, state: user.state }
        administrators.leave(item.name)
      }
      rows.push({ name: item.name, role: after.role, email: after.email, pools: JSON.stringify(after.pools) })
      const pick = (from: typeof after) => Object.fromEntries(fields.map(field => [field, from[field]]))
      const change = { before: pick(user), after: pick(after) }
      return { result: 'done', error: null, state: user.state, event: `user ${item.name} updated: ${changedWords(change)}`, change }
    })
    await tx.update(userTable, rows)
    return ends
  },
}
