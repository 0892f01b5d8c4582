import { createHash, randomBytes } from 'node:crypto'
import type { Reader, Store, Transaction } from '../../store/store.js'
import { tokenTable } from '../schema.js'

/** How long a login lasts, in milliseconds of the wall clock: a working day. */
export const tokenLifeMs = 12 * 3_600_000
/** How many logins of one user are kept; the oldest goes. */
const mostTokens = 100
const tokenBytes = 32

/** A new login of a user who has shown his password. The token itself is told once, and kept nowhere. @param nowMs of the wall clock */
export async function issueToken(store: Store, user: string, nowMs: number): Promise<{ token: string; expiresAtMs: number }> {
  const token = `ovm_${randomBytes(tokenBytes).toString('base64url')}`
  const expiresAtMs = nowMs + tokenLifeMs
  await store.transact(async tx => {
    await tx.run(`delete from ${tokenTable.name} where expires_at <= ?`, [nowMs])
    await tx.run(`delete from ${tokenTable.name} where hash in (select hash from ${tokenTable.name} where user = ? order by created_at desc limit -1 offset ?)`, [user, mostTokens - 1])
    await tx.insert(tokenTable, [{ hash: hashOf(token), user, created_at: nowMs, expires_at: expiresAtMs }])
  })
  return { token, expiresAtMs }
}

/** Whose login a token is; null when there is none (any more). @param nowMs of the wall clock */
export async function userOfToken(reader: Reader, token: string, nowMs: number): Promise<string | null> {
  const [row] = await reader.select<{ user: string }>({ user: 'user' }, `from ${tokenTable.name} where hash = ? and expires_at > ?`, [hashOf(token), nowMs])
  return row?.user ?? null
}

/** Ends one login; whether there was one. */
export async function revokeToken(store: Store, token: string): Promise<boolean> {
  return (await store.transact(tx => tx.run(`delete from ${tokenTable.name} where hash = ?`, [hashOf(token)]))) > 0
}

/** Ends all logins of users: what they were made with holds no longer. */
export async function revokeTokensOf(tx: Transaction, users: readonly string[]): Promise<void> {
  if (users.length > 0) await tx.run(`delete from ${tokenTable.name} where user in (select value from json_each(?))`, [JSON.stringify(users)])
}

/** What is kept of a token: it is long and random, so a plain digest gives nothing away. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
