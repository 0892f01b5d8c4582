import { resolve } from 'node:path'
import type { LoginGiven, RemoteDesk } from '../contract/remote.js'
import { Refusal } from './refusal.js'
import { trustOf, type KeptTrust, type Profile } from './profiles.js'
import { canAsk } from './streams.js'

/** What is known of a manager before somebody logs in. `known`: by what an older profile knows its certificate. */
export interface LogInOrder { url: string; user: string; password: string; ca: string | null; trustOnFirstUse: boolean; known: KeptTrust | null }

/**
 * Logs in with a manager. Its certificate is known by a CA file, by being trusted now, by what an older profile says, or by the CAs of
 * the system, the first of these that is given; on a terminal somebody may trust it when he has seen its fingerprint.
 * @throws Refusal auth.*, manager.*, usage.argument
 */
export async function logInWith(desk: RemoteDesk, order: LogInOrder, tell: (line: string) => void): Promise<Profile> {
  const { url, user, password } = order
  const attempt = async (kept: KeptTrust): Promise<Profile> => profileOf(await desk.logIn({ url, trust: trustOf(kept) }, user, password), url, kept)
  if (order.ca !== null) return attempt({ kind: 'ca', file: resolve(order.ca) })
  if (order.trustOnFirstUse) {
    const fingerprint = await desk.fingerprintAt(url)
    tell(`trusting the certificate ${fingerprint}`)
    return attempt({ kind: 'pinned', fingerprint })
  }
  if (order.known) return attempt(order.known)
  try {
    return await attempt({ kind: 'system' })
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'manager.certificate') throw error
    const fingerprint = await desk.fingerprintAt(url)
    if (canAsk() && (await (await import('./confirm.js')).confirm(`No CA that is known here signed the certificate of ${url}: ${fingerprint}. Trust it?`))) return attempt({ kind: 'pinned', fingerprint })
    throw new Refusal('manager.certificate', `no CA that is known here signed the certificate of ${url}: ${fingerprint}`, 'compare that with what manager status shows there, then --trust-on-first-use; or give --ca FILE', { fingerprint })
  }
}

function profileOf(given: LoginGiven, manager: string, trust: KeptTrust): Profile {
  return { manager, user: given.user, farm: given.farm, trust, token: given.token, expiresAt: given.expiresAt }
}
