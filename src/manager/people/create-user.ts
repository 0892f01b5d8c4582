import { userCreateDetails } from '../../contract/details/people.js'
import { validate } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import { checkName } from '../../model/names.js'
import type { Role } from '../../model/permissions.js'
import type { Reader } from '../../store/store.js'
import type { Act } from '../acts.js'
import type { Maker } from '../making.js'
import { secretOf } from '../run-secrets.js'
import { userTable } from '../schema.js'
import { failed, lostPassword, peopleNamed } from './people.js'

/** What a new user is to be; what scrypt made of his password is the secret of the run (seal.ts). */
interface NewUser { role: Role; email: string | null }

/** `user create`: a user, with a password. */
export const userMaker: Maker = {
  async plan(reader, _caller, request) {
    const { name, password: _, ...spec } = validate(userCreateDetails, request.options.details)
    checkName(name, 'user')
    if (await isTaken(reader, name)) throw new Refusal('user.exists', `there is a user ${name} already`, 'choose another name: user list shows what there is', { names: [name] })
    return [{ id: name, name, poolId: '', pool: '', state: null, spec, sourceId: null }]
  },
}

/** Writes the new user. */
export const userCreateAct: Act<null> = {
  async carryOut(tx, { run, items }) {
    const password = await secretOf(tx, run.id)
    const ends = []
    for (const item of items) {
      const spec = item.spec as NewUser
      if (await isTaken(tx, item.name)) {
        ends.push(failed('user.exists', `there is a user ${item.name} already`, 'choose another name: user list shows what there is', null))
        continue
      }
      if (password === null) {
        ends.push(lostPassword(item, null))
        continue
      }
      await tx.insert(userTable, [{ name: item.name, ...spec, state: 'active', groups: '[]', pools: '[]', password }])
      ends.push({ result: 'done' as const, error: null, state: 'active', event: `user ${item.name} created: ${spec.role}`, change: { before: {}, after: { name: item.name, ...spec, state: 'active' } } })
    }
    return ends
  },
}

async function isTaken(reader: Reader, name: string): Promise<boolean> {
  return (await peopleNamed(reader, [name])).size > 0
}
