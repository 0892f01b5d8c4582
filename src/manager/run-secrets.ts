import type { Reader, Transaction } from '../store/store.js'
import { runSecretTable } from './schema.js'

/** What a run is to set that its records do not hold, until it is carried out; null where there is nothing, or nothing any more. */
export async function secretOf(reader: Reader, run: string): Promise<string | null> {
  const [row] = await reader.select<{ secret: string }>({ secret: 'secret' }, `from ${runSecretTable.name} where run = ?`, [run])
  return row?.secret ?? null
}

/** Keeps the secret of a run. */
export async function keepSecret(tx: Transaction, run: string, secret: string): Promise<void> {
  await tx.insert(runSecretTable, [{ run, secret }])
}

/** A run that takes over what another has not begun sets what that was to set. */
export async function handSecretOver(tx: Transaction, from: string, to: string): Promise<void> {
  await tx.run(`update ${runSecretTable.name} set run = ? where run = ?`, [to, from])
}

/** Forgets the secret of a run that is carried out; or, if it is finished, since nothing will carry it out any more. */
export async function forgetSecret(tx: Transaction, run: string, when: 'carried-out' | 'finished'): Promise<void> {
  await tx.run(`delete from ${runSecretTable.name} where run = ?1${when === 'finished' ? ` and exists (select 1 from run where id = ?1 and state = 'finished')` : ''}`, [run])
}
