import { userCreateDetails } from '../../contract/details/people.js'
import { validate } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import { checkName } from '../../model/names.js'
import type { Role } from '../../model/permissions.js'
import type { Reader } from '../../store/store.js'
import type { Act } from '../acts.js'
import type { Maker } from '../making.js'
import { itemTable, userTable } from '../schema.js'
import { failed, peopleNamed } from './people.js'

/** What a new user is to be; `password` is what scrypt made of it (seal.ts). */
interface NewUser { role: Role; email: string | null; password?: string }

/** `user create`: a user, with a password. */
export const userMaker: Maker = {
  async plan(reader, _caller, request) {
    const { name, ...spec } = validate(userCreateDetails, request.options.details)
    checkName(name, 'user')
    if (await isTaken(reader, name)) throw new Refusal('user.exists', `there is a user ${name} already`, 'choose another name: user list shows what there is', { names: [name] })
    return [{ id: name, name, poolId: '', pool: '', state: null, spec, sourceId: null }]
  },
}

/** Writes the new user. Of his password nothing stays behind in the item. */
export const userCreateAct: Act<null> = {
  async carryOut(tx, { run, items }) {
    const ends = []
    for (const item of items) {
      const { password, ...spec } = item.spec as NewUser
      if (await isTaken(tx, item.name)) {
        ends.push(failed('user.exists', `there is a user ${item.name} already`, 'choose another name: user list shows what there is', null))
        continue
      }
      await tx.insert(userTable, [{ name: item.name, ...spec, state: 'active', groups: '[]', pools: '[]', password: password! }])
      await tx.update(itemTable, [{ run: run.id, ordinal: item.ordinal, spec: JSON.stringify(spec) }])
      ends.push({ result: 'done' as const, error: null, state: 'active', event: `user ${item.name} created: ${spec.role}`, change: { before: {}, after: { name: item.name, ...spec, state: 'active' } } })
    }
    return ends
  },
}

async function isTaken(reader: Reader, name: string): Promise<boolean> {
  return (await peopleNamed(reader, [name])).size > 0
}
