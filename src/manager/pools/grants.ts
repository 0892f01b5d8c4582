import type { Transaction } from '../../store/store.js'
import { userTable } from '../schema.js'

/** Grants of a pool go with its name: to its new one, or (null) away with the pool. */
export async function regrant(tx: Transaction, pool: string, name: string | null): Promise<void> {
  const users = await tx.select<{ name: string; pools: string }>({ name: 'name', pools: 'pools' }, 'from user where exists (select 1 from json_each(user.pools) p where p.value = ?)', [pool])
  await tx.update(userTable, users.map(user => ({ name: user.name, pools: JSON.stringify((JSON.parse(user.pools) as string[]).flatMap(one => (one !== pool ? [one] : name === null ? [] : [name]))) })))
}
