import type { Reader } from '../../store/store.js'
import { fault } from '../launch.js'

/** The names of the users and groups that there are. */
export interface Known { users: ReadonlySet<string>; groups: ReadonlySet<string> }

/** Loads whom guests can belong to. */
export async function loadKnown(reader: Reader): Promise<Known> {
  const names = async (from: string) => new Set((await reader.select<{ name: string }>({ name: 'name' }, from)).map(row => row.name))
  return { users: await names('from user'), groups: await names('from people_group') }
}

/** Why a guest cannot belong to somebody, or to a group: neither may be gone. Null: it can. */
export function strangerFault({ owner, group }: { owner: string; group: string | null }, { users, groups }: Known) {
  if (!users.has(owner)) return fault('not-found.user', `there is no user ${owner} whose it could be`, 'user list shows who there is')
  if (group !== null && !groups.has(group)) return fault('not-found.group', `there is no group ${group} that it could belong to`, 'group list shows what there is')
  return null
}
