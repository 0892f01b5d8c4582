import type { Row } from '../../store/store.js'
import type { Act, ActEnd } from '../acts.js'
import { userTable } from '../schema.js'
import { Administrators, already, failed, gone, peopleOf } from './people.js'
import { revokeTokensOf } from './tokens.js'

/** `user lock` and `user unlock`: who is locked is refused everywhere. Nobody locks himself: he could not undo it. */
export function lockAct(to: 'locked' | 'active'): Act<null> {
  return {
    async carryOut(tx, { run, items }) {
      const people = await peopleOf(tx, items)
      const administrators = await Administrators.load(tx)
      const rows: Row[] = []
      const ends = items.map((item): ActEnd => {
        const user = people.get(item.targetId)
        if (!user) return gone(item, 'user')
        if (user.state === to) return already(run, 'user', `user ${item.name} is ${to} already`, user.state)
        if (to === 'locked') {
          const stays = administrators.whyStay(item.name)
          if (stays) return { result: 'failed', error: stays, state: user.state }
          if (item.name === run.user) return failed('user.self', `${item.name} would lock himself out`, 'ask another administrator', user.state)
          administrators.leave(item.name)
        }
        rows.push({ name: item.name, state: to })
        return { result: 'done', error: null, state: to, change: { before: { state: user.state }, after: { state: to } } }
      })
      await tx.update(userTable, rows)
      if (to === 'locked') await revokeTokensOf(tx, rows.map(row => String(row['name'])))
      return ends
    },
  }
}
