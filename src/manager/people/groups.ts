import { groupCreateDetails, groupUpdateDetails, groupUsersDetails } from '../../contract/details/people.js'
import { validate } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import { groupBy } from '../../model/group.js'
import { checkName, namesOf } from '../../model/names.js'
import type { Reader, Row, Transaction } from '../../store/store.js'
import type { Act, ActEnd, Acting } from '../acts.js'
import { changedWords } from '../changed-words.js'
import type { Maker } from '../making.js'
import type { ItemRecord } from '../run-records.js'
import { groupTable, userTable } from '../schema.js'
import { already, detailsOf, failed, gone, loadPeople, mustBeUsers, peopleNamed, sorted } from './people.js'

/** `group create`: a group, of nobody yet. */
export const groupMaker: Maker = {
  async plan(reader, _caller, request) {
    const { name, ...spec } = validate(groupCreateDetails, request.options.details)
    checkName(name, 'group')
    if ((await descriptions(reader, [name])).has(name)) throw new Refusal('group.exists', taken(name), takenHint, { names: [name] })
    return [{ id: name, name, poolId: '', pool: '', state: null, spec, sourceId: null }]
  },
}

/** Writes the new group. */
export const groupCreateAct: Act<null> = {
  async carryOut(tx, { items }) {
    const there = await descriptions(tx, items.map(item => item.name))
    await tx.insert(groupTable, items.filter(item => !there.has(item.name)).map(item => ({ name: item.name, ...(item.spec as { description: string | null }) })))
    return items.map((item): ActEnd => (there.has(item.name) ? failed('group.exists', taken(item.name), takenHint, null) : { result: 'done', error: null, state: null, change: { before: {}, after: { name: item.name, ...(item.spec as object) } } }))
  },
}

/** `group update`: the description. */
export const groupUpdateAct: Act<null> = {
  async check(_reader, _caller, request) {
    validate(groupUpdateDetails, request.options.details)
  },
  async carryOut(tx, { run, items }) {
    const there = await descriptions(tx, items.map(item => item.name))
    const rows: Row[] = []
    const ends = items.map((item): ActEnd => {
      const description = there.get(item.name)
      const after = detailsOf(groupUpdateDetails, run, item)
      if (description === undefined) return gone(item, 'group')
      if (description === after.description) return already(run, 'group', `group ${item.name} has this description already`, null)
      rows.push({ name: item.name, ...after })
      const change = { before: { description }, after }
      return { result: 'done', error: null, state: null, event: `group ${item.name} updated: ${changedWords(change)}`, change }
    })
    await tx.update(groupTable, rows)
    return ends
  },
}

/** `group delete`: a group that guests belong to stays; its members are in it no longer. */
export const groupDeleteAct: Act<null> = {
  async carryOut(tx, { items }) {
    const names = items.map(item => item.name)
    const there = await descriptions(tx, names)
    const guests = groupBy(await tx.select<{ name: string; group: string }>({ name: 'name', group: 'group_name' }, 'from vm where group_name in (select value from json_each(?)) order by name_key', [JSON.stringify(names)]), guest => guest.group)
    const members = await membersOf(tx, items)
    const dropped: string[] = []
    const ends = items.map((item): ActEnd => {
      if (!there.has(item.name)) return gone(item, 'group')
      const own = (guests.get(item.name) ?? []).map(guest => guest.name)
      if (own.length > 0) return failed('group.in-use', `${own.length === 1 ? 'a guest belongs' : `${own.length} guests belong`} to group ${item.name}: ${namesOf(own)}`, 'give them another group, or none, first', null, { guests: own.slice(0, 100) })
      dropped.push(item.name)
      return { result: 'done', error: null, state: null, change: { before: { name: item.name, description: there.get(item.name), members: members.get(item.name) ?? [] }, after: {} } }
    })
    await tx.remove(groupTable, dropped.map(name => ({ name })))
    await changeMembers(tx, dropped.flatMap(group => (members.get(group) ?? []).map(user => ({ user, group, is: false }))))
    return ends
  },
}

/** `group add` and `group remove`: who is in a group is kept with the users. */
export function membersAct(is: boolean): Act<null> {
  return {
    async check(reader, _caller, request) {
      await mustBeUsers(reader, validate(groupUsersDetails, request.options.details).users)
    },
    async carryOut(tx, acting) {
      return joinOrLeave(tx, acting, is)
    },
  }
}

async function joinOrLeave(tx: Transaction, { run, items }: Acting<null>, is: boolean): Promise<ActEnd[]> {
  const wanted = items.map(item => detailsOf(groupUsersDetails, run, item).users)
  const people = await peopleNamed(tx, wanted.flat())
  const there = await descriptions(tx, items.map(item => item.name))
  const members = await membersOf(tx, items)
  const changes: { user: string; group: string; is: boolean }[] = []
  const ends = items.map((item, at): ActEnd => {
    if (!there.has(item.name)) return gone(item, 'group')
    const before = members.get(item.name) ?? []
    const other = sorted(wanted[at]!).filter(user => people.has(user) && before.includes(user) !== is)
    if (other.length === 0) return already(run, 'group', `group ${item.name} has ${is ? 'them' : 'none of them'} in it already`, null)
    for (const user of other) changes.push({ user, group: item.name, is })
    const after = is ? sorted([...before, ...other]) : before.filter(user => !other.includes(user))
    return { result: 'done', error: null, state: null, event: `${namesOf(other)} ${is ? 'joined' : 'left'} group ${item.name}`, change: { before: { members: before }, after: { members: after } } }
  })
  await changeMembers(tx, changes)
  return ends
}

/** Descriptions of groups by name, of those that there are. */
async function descriptions(reader: Reader, names: readonly string[]): Promise<Map<string, string | null>> {
  return new Map((await reader.select<{ name: string; description: string | null }>({ name: 'name', description: 'description' }, 'from people_group where name in (select value from json_each(?))', [JSON.stringify(names)])).map(row => [row.name, row.description]))
}

/** The names of members by group. */
async function membersOf(reader: Reader, items: readonly ItemRecord[]): Promise<Map<string, string[]>> {
  const rows = await reader.select<{ user: string; group: string }>({ user: 'h.name', group: 'j.value' }, 'from user h, json_each(h.groups) j where j.value in (select value from json_each(?)) order by h.name', [JSON.stringify(items.map(item => item.name))])
  return new Map([...groupBy(rows, row => row.group)].map(([group, of]) => [group, of.map(row => row.user)]))
}

/** Puts users into groups, and takes them out. */
async function changeMembers(tx: Transaction, changes: readonly { user: string; group: string; is: boolean }[]): Promise<void> {
  const byUser = groupBy(changes, change => change.user)
  const people = await loadPeople(tx, 'name in (select value from json_each(?))', [JSON.stringify([...byUser.keys()])])
  await tx.update(userTable, [...byUser].map(([name, of]) => {
    const out = new Set(of.filter(change => !change.is).map(change => change.group))
    return { name, groups: JSON.stringify(sorted([...people.get(name)!.groups.filter(group => !out.has(group)), ...of.filter(change => change.is).map(change => change.group)])) }
  }))
}

function taken(name: string): string {
  return `there is a group ${name} already`
}
const takenHint = 'choose another name: group list shows what there is'
