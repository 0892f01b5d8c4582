import { userDeleteDetails } from '../../contract/details/people.js'
import { validate } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import { groupBy } from '../../model/group.js'
import { namesOf } from '../../model/names.js'
import type { Reader, Row } from '../../store/store.js'
import type { Act, ActEnd } from '../acts.js'
import { leaseFault } from '../launch.js'
import type { ItemRecord } from '../run-records.js'
import { userTable, vmTable } from '../schema.js'
import { Administrators, failed, gone, peopleOf } from './people.js'
import { revokeTokensOf } from './tokens.js'

/**
 * `user delete`: who owns guests stays, unless they are given to another; who has work under way does too, since that may make guests
 * of his. Nobody deletes himself.
 */
export const userDeleteAct: Act<null> = {
  async check(reader, _caller, request, targets) {
    const { newOwner } = validate(userDeleteDetails, request.options.details)
    if (newOwner === null) return
    const [heir] = await reader.select<{ name: string }>({ name: 'name' }, 'from user where name = ?', [newOwner])
    if (!heir) throw new Refusal('not-found.user', `no such user: ${newOwner}`, 'user list shows what there is', { missing: [newOwner] })
    if (targets.some(target => target.id === newOwner)) throw new Refusal('usage.argument', `${newOwner} is to be deleted, so he can be given nothing`, 'name another --new-owner')
  },
  async carryOut(tx, { run, items }) {
    const { newOwner } = validate(userDeleteDetails, run.options.details)
    const people = await peopleOf(tx, items)
    const administrators = await Administrators.load(tx)
    const guests = await guestsOf(tx, items)
    const working = await workOf(tx, items, run.id)
    const given: Row[] = []
    const left: Row[] = []
    const ends = items.map((item): ActEnd => {
      const user = people.get(item.targetId)
      if (!user) return gone(item, 'user')
      const stays = administrators.whyStay(item.name)
      if (stays) return { result: 'failed', error: stays, state: user.state }
      if (item.name === run.user) return failed('user.self', `${item.name} would delete himself`, 'ask another administrator', user.state)
      const own = guests.get(item.name) ?? []
      const work = working.get(item.name)
      if (own.length > 0 && newOwner === null) {
        return failed('user.owns', `user ${item.name} owns ${own.length === 1 ? 'guest' : `${own.length} guests`}: ${namesOf(own.map(guest => guest.name))}`, '--new-owner NAME gives them to another', user.state, { guests: own.slice(0, 100).map(guest => guest.name) })
      }
      if (work) return { result: 'failed', error: leaseFault(`user ${item.name}`, work.job, work.operation), state: user.state }
      administrators.leave(item.name)
      left.push({ name: item.name })
      for (const { id } of own) given.push({ id, owner: newOwner })
      const { name: _, ...before } = user
      const inherited = own.length === 0 ? '' : `; ${own.length === 1 ? `guest ${own[0]!.name} now belongs` : `${own.length} guests now belong`} to ${newOwner}`
      return { result: 'done', error: null, state: null, event: `user ${item.name} deleted${inherited}`, change: { before: { ...before, guests: own.map(guest => guest.id) }, after: { newOwner: own.length === 0 ? null : newOwner } } }
    })
    await tx.remove(userTable, left)
    await revokeTokensOf(tx, left.map(row => String(row['name'])))
    await tx.update(vmTable, given)
    return ends
  },
}

async function guestsOf(reader: Reader, items: readonly ItemRecord[]): Promise<Map<string, { id: string; name: string; owner: string }[]>> {
  return groupBy(await reader.select<{ id: string; name: string; owner: string }>({ id: 'id', name: 'name', owner: 'owner' }, 'from vm where owner in (select value from json_each(?)) order by name_key', [JSON.stringify(items.map(item => item.name))]), guest => guest.owner)
}

/** A job of each user who has a run that has not ended. */
async function workOf(reader: Reader, items: readonly ItemRecord[], own: string): Promise<Map<string, { user: string; job: string; operation: ItemRecord['operation'] }>> {
  const rows = await reader.select<{ user: string; job: string; operation: ItemRecord['operation'] }>({ user: 'u.user', job: 'i.job', operation: 'i.operation' },
    `from run u join item i on i.run = u.id where u.state = 'running' and i.result is null and i.job is not null and u.user in (select value from json_each(?)) and u.id <> ? group by u.user`, [JSON.stringify(items.map(item => item.name)), own])
  return new Map(rows.map(row => [row.user, row]))
}
