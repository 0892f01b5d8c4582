import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Principal } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import type { Store } from '../../store/store.js'

/** How it is seen to that somebody is who he says. */
export interface LoginDesk {
  /** @throws Refusal auth.password */
  check(store: Store, principal: Principal): Promise<void>
  /** What stands for a principal in this process: another one for another password. */
  nameOf(principal: Principal): string
}

/** For work on behalf of somebody who has been let in before. */
export const allKnown: LoginDesk = { check: async () => {}, nameOf: ({ user }) => user }

/**
 * Who has shown his password to this manager. scrypt is asked once for each user and password, since it is meant to take long; what
 * is remembered of a password is a keyed digest whose key leaves the process with it.
 */
export class Logins implements LoginDesk {
  private readonly key = randomBytes(32)
  private readonly shown = new Map<string, { kept: string; mark: Buffer }>()

  /**
   * Refuses whoever has a password and does not give it. Whether there is such a user, and whether he may log in, it leaves to others.
   * @throws Refusal auth.password
   */
  async check(store: Store, principal: Principal): Promise<void> {
    const [row] = await store.read(reader => reader.select<{ password: string }>({ password: 'password' }, `from user where name = ? and state = 'active' and password is not null`, [principal.user]))
    if (!row) return
    if (principal.password === undefined) {
      throw new Refusal('auth.password', `${principal.user} has a password, and none was given`, 'give it with --password-file FILE, OVMCLI_PASSWORD_FILE or OVMCLI_PASSWORD', { user: principal.user, given: false })
    }
    if (this.shownAs(principal.user, principal.password) === row.password) return
    const { isPassword } = await import('./scrypt.js')
    if (!(await isPassword(principal.password, row.password))) {
      throw new Refusal('auth.password', `the password of ${principal.user} is another one`, 'look where it comes from: --password-file, OVMCLI_PASSWORD_FILE or OVMCLI_PASSWORD', { user: principal.user, given: true })
    }
    this.shown.set(principal.user, { kept: row.password, mark: this.markOf(principal.password) })
  }

  /** What was kept of the password of a user when he showed it last, where it was this one; null: he did not, or it was another. */
  shownAs(user: string, password: string): string | null {
    const known = this.shown.get(user)
    return known && timingSafeEqual(known.mark, this.markOf(password)) ? known.kept : null
  }

  nameOf({ user, password }: Principal): string {
    return password === undefined ? user : `${user} ${this.markOf(password).toString('base64')}`
  }

  private markOf(password: string): Buffer {
    return createHmac('sha256', this.key).update(password).digest()
  }
}
