import { userPoolsDetails } from '../../contract/details/people.js'
import { validate, type RunRequest } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import { namesOf } from '../../model/names.js'
import type { Reader, Row } from '../../store/store.js'
import type { Act, ActEnd } from '../acts.js'
import { userTable } from '../schema.js'
import { already, detailsOf, failed, gone, peopleNamed, peopleOf, sorted } from './people.js'

/** `user grant`: pools for managers. Others have no use for them: a user has guests, an administrator everything. */
export const grantAct: Act<null> = {
  async check(reader, _caller, request) {
    await mustBePools(reader, request, [])
  },
  carryOut: (tx, acting) => changePools(tx, acting, 'grant'),
}

/** `user revoke`: takes pools back; one that is there no longer can still be granted. */
export const revokeAct: Act<null> = {
  async check(reader, _caller, request, targets) {
    const people = await peopleNamed(reader, targets.map(target => target.id))
    await mustBePools(reader, request, [...people.values()].flatMap(user => user.pools))
  },
  carryOut: (tx, acting) => changePools(tx, acting, 'revoke'),
}

type Acting = Parameters<Act<null>['carryOut']>[1]

async function changePools(tx: Parameters<Act<null>['carryOut']>[0], { run, items }: Acting, way: 'grant' | 'revoke'): Promise<ActEnd[]> {
  const people = await peopleOf(tx, items)
  const wanted = items.map(item => detailsOf(userPoolsDetails, run, item).pools)
  const named = await poolsNamed(tx, wanted.flat(), [...people.values()].flatMap(user => user.pools))
  const rows: Row[] = []
  const ends = items.map((item, at): ActEnd => {
    const user = people.get(item.targetId)
    if (!user) return gone(item, 'user')
    if (way === 'grant' && user.role !== 'manager') {
      return failed('user.role', `${item.name} is ${user.role === 'user' ? 'a user' : 'an administrator'}: pools are granted to managers`, user.role === 'user' ? `user update ${item.name} --role manager makes him one` : 'an administrator has all pools', user.state)
    }
    const pools = sorted(wanted[at]!.flatMap(pool => named.get(pool) ?? []))
    const after = way === 'grant' ? sorted([...user.pools, ...pools]) : user.pools.filter(pool => !pools.includes(pool))
    const other = way === 'grant' ? after.filter(pool => !user.pools.includes(pool)) : user.pools.filter(pool => !after.includes(pool))
    if (other.length === 0) return already(run, 'user', `user ${item.name} has ${way === 'grant' ? 'these pools already' : 'none of these pools'}`, user.state)
    rows.push({ name: item.name, pools: JSON.stringify(after) })
    return { result: 'done', error: null, state: user.state, event: `user ${item.name} was ${way === 'grant' ? 'granted' : 'deprived of'} ${other.length === 1 ? 'pool' : 'pools'} ${namesOf(other)}`, change: { before: { pools: user.pools }, after: { pools: after } } }
  })
  await tx.update(userTable, rows)
  return ends
}

/** The names of pools by name and id, and of those that are granted though they are there no longer. */
async function poolsNamed(reader: Reader, wanted: readonly string[], granted: readonly string[]): Promise<Map<string, string>> {
  const rows = await reader.select<{ id: string; name: string }>({ id: 'id', name: 'name' }, 'from pool where id in (select value from json_each(?1)) or name in (select value from json_each(?1))', [JSON.stringify(wanted)])
  return new Map([...granted.map(name => [name, name] as const), ...rows.map(row => [row.name, row.name] as const), ...rows.map(row => [row.id, row.name] as const)])
}

async function mustBePools(reader: Reader, request: RunRequest, granted: readonly string[]): Promise<void> {
  const wanted = validate(userPoolsDetails, request.options.details).pools
  const named = await poolsNamed(reader, wanted, granted)
  const missing = [...new Set(wanted)].filter(one => !named.has(one))
  if (missing.length > 0) throw new Refusal('not-found.pool', `no such pool: ${namesOf(missing)}`, 'pool list shows what there is', { missing })
}
