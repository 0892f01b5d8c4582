import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Challenge, Identified } from '../wsapi/service.js'
import { Logins } from '../manager/people/logins.js'
import { issueToken, revokeToken, tokenLifeMs, userOfToken } from '../manager/people/tokens.js'
import { recordRefusal } from '../manager/people/refusals.js'
import { identify } from '../manager/principal.js'
import { addEvents } from '../manager/run-records.js'
import { eventTable } from '../manager/schema.js'
import { Refusal } from '../model/errors.js'
import type { Store } from '../store/store.js'
import type { Journal } from './journal.js'
import type { Metrics } from './metrics.js'
import { WrongPasswords } from './wrong-passwords.js'

/** What the gate stands on. */
export interface GateParts {
  store: Store
  /** the farm's clock, for events */
  farmNowMs(): Promise<number>
  journal: Journal
  metrics: Metrics
  /** the wall clock; a test moves it */
  wallNowMs?: () => number
}

/** How many passwords are looked at at once, since each takes a CPU a while, and how many wait for that. */
const [mostLooks, mostWaiting] = [2, 200]
/** How long one who changed his own password may ask what came of that, in milliseconds. */
const pardonMs = 60_000
/** The longest user name or password that is looked at, in characters. */
const longest = 4_096
const challenge = 'Basic realm="ovmcli", charset="UTF-8"'
/** A password of nobody: who is unknown costs as much time as who is known. */
const nobody = `$scrypt$ln=14,r=8,p=5$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** A login that was let in. */
export interface LoggedIn { user: string; token: string; expiresAtMs: number }

/** Who asks: HTTP Basic, or a token of a login. Nobody comes in without a password. */
export class Gate {
  private readonly logins = new Logins()
  private readonly wrong = new WrongPasswords()
  private readonly key = randomBytes(32)
  /** when somebody was last told of as let in by Basic: `address user`, wall clock */
  private readonly told = new Map<string, number>()
  /** credentials that hold no longer, but whose owner may ask what came of changing his password; until when */
  private readonly pardoned = new Map<string, { user: string; untilMs: number }>()
  private looking = 0
  private waiting = 0
  private readonly looked: (() => void)[] = []
  /** the last look at a password from an address */
  private readonly turns = new Map<string, Promise<void>>()

  constructor(private readonly parts: GateParts) {}

  /** Who sends a request. `password` of the answer names his credential, and is none. */
  async identify(headers: IncomingHttpHeaders, address: string): Promise<Identified | Challenge> {
    try {
      return await this.admitted(headers.authorization ?? '', address)
    } catch (error) {
      if (!(error instanceof Refusal) || !error.code.startsWith('auth.')) throw error
      return { refusal: error, challenge }
    }
  }

  /** A new login by user and password. @throws Refusal auth.*, manager.busy */
  async logIn(headers: IncomingHttpHeaders, address: string): Promise<LoggedIn> {
    const { user, password } = basicOf(headers.authorization ?? '')
    await this.mustKnow(user, password, address)
    const issued = await issueToken(this.parts.store, user, this.now())
    await this.tell('info', 'auth.login', user, `${user} logged in from ${address}`)
    this.parts.metrics.add('ovmcli_logins_total', 1, { result: 'ok' })
    this.parts.journal.info('login', { user, address })
    return { user, ...issued }
  }

  /** Ends the login whose token is given. @throws Refusal auth.token */
  async logOut(headers: IncomingHttpHeaders, address: string): Promise<void> {
    const token = bearerOf(headers.authorization ?? '')
    if (token === null || !(await revokeToken(this.parts.store, token))) throw gone()
    this.parts.journal.info('logout', { address })
  }

  /** Lets a credential that was good a moment ago ask what came of the call that ended it. */
  pardon({ user, password: credential }: { user: string; password?: string }): void {
    if (credential !== undefined) this.pardoned.set(credential, { user, untilMs: this.now() + pardonMs })
  }

  private async admitted(authorization: string, address: string): Promise<Identified> {
    const token = bearerOf(authorization)
    const credential = token === null ? createHmac('sha256', this.key).update(authorization).digest('hex') : createHash('sha256').update(token).digest('hex')
    const pardoned = this.pardonedUser(credential)
    if (token !== null) {
      const user = await this.userOf(token, address)
      if (user !== null) return { user, password: credential }
      if (pardoned !== null) return { user: pardoned, password: credential, reportsOnly: { refusal: gone(), challenge } }
      this.parts.metrics.add('ovmcli_logins_total', 1, { result: 'auth.token' })
      this.parts.journal.warn('login.refused', { code: 'auth.token', address })
      throw gone()
    }
    const { user, password } = basicOf(authorization)
    if (pardoned !== null && !(await this.holds(user, password))) return { user: pardoned, password: credential, reportsOnly: { refusal: wrongPassword(user), challenge } }
    await this.mustKnow(user, password, address)
    await this.tellOnce(user, address)
    return { user, password: credential }
  }

  /** Who may ask what came of the call that ended this credential; null: nobody. */
  private pardonedUser(credential: string): string | null {
    const pardon = this.pardoned.get(credential)
    if (pardon && pardon.untilMs > this.now()) return pardon.user
    this.pardoned.delete(credential)
    return null
  }

  /** Whether this is the user's password still; that it is not is no wrong try. */
  private holds(user: string, password: string): Promise<boolean> {
    return this.logins.check(this.parts.store, { user, password }).then(() => true, (error: unknown) => {
      if (error instanceof Refusal) return false
      throw error
    })
  }

  /** Whose login a token is; null: nobody's. Of who may not come in any more it leaves word, as a farm of this machine does. @throws Refusal auth.locked, auth.unknown-user */
  private async userOf(token: string, address: string): Promise<string | null> {
    let user: string | null = null
    try {
      await this.parts.store.read(async reader => {
        user = await userOfToken(reader, token, this.now())
        if (user !== null) await identify(reader, { user })
      })
    } catch (error) {
      if (error instanceof Refusal && user !== null) {
        this.noteRefusal(error.code, user, address)
        await recordRefusal(this.parts.store, await this.parts.farmNowMs(), { user }, error)
      }
      throw error
    }
    return user
  }

  /** @throws Refusal auth.password, auth.throttled, auth.locked, manager.busy */
  private async mustKnow(user: string, password: string, address: string): Promise<void> {
    const over = await this.turn(address)
    try {
      const lockedMs = this.wrong.lockedForMs(user, address, this.now())
      if (lockedMs > 0) throw throttled(lockedMs)
      const [row] = await this.parts.store.read(reader => reader.select<{ state: string; password: string | null }>({ state: 'state', password: 'password' }, 'from user where name = ?', [user]))
      if (row?.password != null && row.state === 'active') {
        // Remembers what was shown: scrypt is asked once for each.
        await this.logins.check(this.parts.store, { user, password })
      } else {
        const { isPassword } = await import('../manager/people/scrypt.js')
        if (!(await isPassword(password, row?.password ?? nobody)) || row?.password == null) throw wrongPassword(user)
        await this.parts.store.read(reader => identify(reader, { user }))
      }
      this.wrong.forgive(user, address)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      throw await this.refused(error, user, address)
    } finally {
      over()
    }
  }

  /** Leaves word of a refusal; one more wrong password counts. */
  private async refused(error: Refusal, user: string, address: string): Promise<Refusal> {
    const shown = user.slice(0, 80)
    this.noteRefusal(error.code, shown, address)
    if (error.code === 'auth.locked') await this.tell('warning', 'auth.locked', shown, `${shown}, whose account is locked, tried to log in from ${address}`)
    if (error.code !== 'auth.password') return error
    const lockedMs = this.wrong.note(user, address, this.now())
    await this.tell('warning', 'auth.password', shown, `a wrong password for ${shown} from ${address}`)
    if (lockedMs > 0) await this.tell('warning', 'auth.throttled', shown, `logins from ${address} as ${shown} are locked for ${Math.ceil(lockedMs / 1_000)} s after wrong passwords`)
    return wrongPassword(user)
  }

  private noteRefusal(code: string, user: string, address: string): void {
    this.parts.metrics.add('ovmcli_logins_total', 1, { result: code })
    this.parts.journal.warn('login.refused', { code, user, address })
  }

  /** Waits until a password from an address may be looked at: one after the other, so that a lock stops those that came with it. @returns what lets the next one in @throws Refusal manager.busy */
  private async turn(address: string): Promise<() => void> {
    if (this.waiting >= mostWaiting) throw new Refusal('manager.busy', 'too many logins are waiting', 'try again in a while')
    const before = this.turns.get(address)
    let over = () => {}
    const own = new Promise<void>(resolve => { over = resolve })
    this.turns.set(address, own)
    this.waiting++
    await before
    while (this.looking >= mostLooks) await new Promise<void>(resolve => { this.looked.push(resolve) })
    this.waiting--
    this.looking++
    return () => {
      this.looking--
      this.looked.shift()?.()
      if (this.turns.get(address) === own) this.turns.delete(address)
      over()
    }
  }

  /** Basic shows the password with every call: it is told of as a login once in the time that a token holds. */
  private async tellOnce(user: string, address: string): Promise<void> {
    const key = `${address} ${user}`
    const now = this.now()
    if (now - (this.told.get(key) ?? -Infinity) < tokenLifeMs) return
    this.told.set(key, now)
    await this.tell('info', 'auth.login', user, `${user} logged in from ${address} (HTTP Basic)`)
    this.parts.metrics.add('ovmcli_logins_total', 1, { result: 'ok' })
    this.parts.journal.info('login', { user, address })
  }

  private async tell(severity: 'info' | 'warning', kind: string, user: string, message: string): Promise<void> {
    const at = await this.parts.farmNowMs()
    await this.parts.store.transact(tx => addEvents(tx, eventTable, [{ at, severity, kind, subject: user, user, message }]))
  }

  private now(): number {
    return (this.parts.wallNowMs ?? Date.now)()
  }
}

/** @throws Refusal auth.password where there is none */
function basicOf(authorization: string): { user: string; password: string } {
  const match = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization)
  const text = match ? Buffer.from(match[1]!, 'base64').toString('utf8') : ''
  const colon = text.indexOf(':')
  if (colon < 1 || text.length > longest) throw new Refusal('auth.password', 'the manager wants to know who asks, and nobody is named', 'log in with a user and his password', { user: '', given: false })
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

function bearerOf(authorization: string): string | null {
  return /^Bearer ([\w-]{1,200})$/i.exec(authorization)?.[1] ?? null
}

/** Whoever it is: who is unknown, who has no password and who gives another are told the same. */
function wrongPassword(user: string): Refusal {
  return new Refusal('auth.password', 'the manager does not know this user with this password', 'check both, and where the password comes from: --password-file, OVMCLI_PASSWORD_FILE or OVMCLI_PASSWORD; who has none yet is given one by an administrator: user password NAME', { user: user.slice(0, 80), given: true })
}

function throttled(ms: number): Refusal {
  const seconds = Math.ceil(ms / 1_000)
  return new Refusal('auth.throttled', `after too many wrong passwords no login is looked at for another ${seconds} s`, 'wait that long, and check the password', { retryAfterSeconds: seconds })
}

function gone(): Refusal {
  return new Refusal('auth.token', 'the login has expired, or was ended', 'log in again: ovmcli profile add NAME')
}
