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
import { peerOf } from '../wsapi/peer.js'
import { UnderWay } from '../wsapi/under-way.js'
import { basicOf, bearerOf, gone, throttled, wrongPassword } from './credentials.js'
import type { Journal } from './journal.js'
import type { Metrics } from './metrics.js'
import { PasswordQueue } from './password-queue.js'
import { Seldom } from './seldom.js'
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

/** How long one who changed his own password may ask what came of that, in milliseconds. */
const pardonMs = 60_000
/** How often a token that holds no longer leaves an event, in milliseconds for each peer. */
const tokenToldMs = 60_000
const challenge = 'Basic realm="ovmcli", charset="UTF-8"'
/** A password of nobody: who is unknown costs as much time as who is known. */
const nobody = `$scrypt$ln=14,r=8,p=5$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** A login that was let in. */
export interface LoggedIn { user: string; token: string; expiresAtMs: number }

/** Who asks: HTTP Basic, or a token of a login. Nobody comes in without a password. */
export class Gate {
  private readonly logins = new Logins()
  private readonly wrong = new WrongPasswords()
  private readonly queue = new PasswordQueue(peer => this.wrong.failsOf(peer))
  private readonly key = randomBytes(32)
  /** who was told of as let in by Basic: `peer user` */
  private readonly told = new Seldom(tokenLifeMs)
  /** credentials that hold no longer, but whose owner may ask what came of changing his password; until when */
  private readonly pardoned = new Map<string, { user: string; untilMs: number }>()
  /** peers from which a refused token left an event */
  private readonly tokenTold = new Seldom(tokenToldMs)
  private readonly underWay = new UnderWay()

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
  logIn(headers: IncomingHttpHeaders, address: string): Promise<LoggedIn> {
    return this.underWay.during(async () => {
      const { user, password } = this.given(headers, address)
      await this.mustKnow(user, password, address)
      const issued = await issueToken(this.parts.store, user, this.now())
      await this.tell('info', 'auth.login', user, `${user} logged in from ${address}`)
      this.parts.metrics.add('ovmcli_logins_total', 1, { result: 'ok' })
      this.parts.journal.info('login', { user, address })
      return { user, ...issued }
    })
  }

  /** Ends the login whose token is given. @throws Refusal auth.token */
  logOut(headers: IncomingHttpHeaders, address: string): Promise<void> {
    return this.underWay.during(async () => {
      const token = bearerOf(headers.authorization ?? '')
      if (token === null || !(await revokeToken(this.parts.store, token))) throw await this.tokenRefused(address)
      this.parts.journal.info('logout', { address })
    })
  }

  /** Lets nobody in any more; resolves when whoever was about to come in has been answered. */
  async close(): Promise<void> {
    this.queue.close()
    await this.underWay.ended()
  }

  /** Lets a credential that was good a moment ago ask what came of the call that ended it. */
  pardon({ user, password: credential }: { user: string; password?: string }): void {
    const now = this.now()
    for (const [kept, { untilMs }] of this.pardoned) if (untilMs <= now) this.pardoned.delete(kept)
    if (credential !== undefined) this.pardoned.set(credential, { user, untilMs: now + pardonMs })
  }

  private async admitted(authorization: string, address: string): Promise<Identified> {
    const token = bearerOf(authorization)
    const credential = token === null ? createHmac('sha256', this.key).update(authorization).digest('hex') : createHash('sha256').update(token).digest('hex')
    const pardoned = this.pardonedUser(credential)
    if (token !== null) {
      const user = await this.userOf(token, address)
      if (user !== null) return { user, password: credential }
      if (pardoned !== null) return { user: pardoned, password: credential, reportsOnly: { refusal: gone(), challenge } }
      throw await this.tokenRefused(address)
    }
    const { user, password } = basicOf(authorization)
    if (pardoned !== null && !(await this.holds(user, password, address))) return { user: pardoned, password: credential, reportsOnly: { refusal: wrongPassword(user), challenge } }
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
  private async holds(user: string, password: string, address: string): Promise<boolean> {
    const shown = this.logins.shownAs(user, password)
    if (shown !== null && (await this.isKept(user, shown))) return true
    const over = await this.queue.take(peerOf(address))
    try {
      await this.logins.check(this.parts.store, { user, password })
      return true
    } catch (error) {
      if (error instanceof Refusal) return false
      throw error
    } finally {
      over()
    }
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
    const peer = peerOf(address)
    await this.mustBeOpen(user, address)
    // Who shows what he has shown before waits for nobody; but of a peer from which somebody guesses just now it would tell a guess that is right before those that are wrong were counted.
    const shown = this.queue.isTaken(peer) ? null : this.logins.shownAs(user, password)
    if (shown !== null && (await this.isKept(user, shown))) return this.wrong.forgive(user, peer)
    const over = await this.queue.take(peer)
    try {
      await this.mustBeOpen(user, address)
      await this.look(user, password)
      this.wrong.forgive(user, peer)
    } catch (error) {
      // Before the turn is over: whoever is next is to find it counted.
      if (error instanceof Refusal && error.code !== 'auth.throttled') await this.leaveWord(error, user, address)
      throw error instanceof Refusal && error.code === 'auth.password' ? wrongPassword(user) : error
    } finally {
      over()
    }
  }

  /** Takes the time that scrypt takes, whoever it is. @throws Refusal auth.password, auth.locked */
  private async look(user: string, password: string): Promise<void> {
    const row = await this.kept(user)
    // Remembers what was shown: scrypt is asked once for each.
    if (row?.password != null && row.state === 'active') return this.logins.check(this.parts.store, { user, password })
    const { isPassword } = await import('../manager/people/scrypt.js')
    if (!(await isPassword(password, row?.password ?? nobody)) || row?.password == null) throw wrongPassword(user)
    await this.parts.store.read(reader => identify(reader, { user }))
  }

  /** Whether what was kept of a password is kept still, and its user may log in. */
  private async isKept(user: string, shown: string): Promise<boolean> {
    const row = await this.kept(user)
    return row?.password === shown && row.state === 'active'
  }

  private async kept(user: string): Promise<{ state: string; password: string | null } | undefined> {
    const [row] = await this.parts.store.read(reader => reader.select<{ state: string; password: string | null }>({ state: 'state', password: 'password' }, 'from user where name = ?', [user]))
    return row
  }

  /** @throws Refusal auth.throttled */
  private async mustBeOpen(user: string, address: string): Promise<void> {
    const lockedMs = this.wrong.lockedForMs(user, peerOf(address), this.now())
    if (lockedMs === 0) return
    const refusal = throttled(lockedMs)
    await this.leaveWord(refusal, user, address)
    throw refusal
  }

  /** Leaves word of a refusal; one more wrong password counts. */
  private async leaveWord(error: Refusal, user: string, address: string): Promise<void> {
    const shown = user.slice(0, 80)
    this.noteRefusal(error.code, shown, address)
    if (error.code === 'auth.locked') await this.tell('warning', 'auth.locked', shown, `${shown}, whose account is locked, tried to log in from ${address}`)
    if (error.code !== 'auth.password') return
    const lockedMs = this.wrong.note(user, peerOf(address), this.now())
    await this.tell('warning', 'auth.password', shown, `a wrong password for ${shown} from ${address}`)
    if (lockedMs > 0) await this.tell('warning', 'auth.throttled', shown, `logins from ${address} as ${shown} are locked for ${Math.ceil(lockedMs / 1_000)} s after wrong passwords`)
  }

  private noteRefusal(code: string, user: string | null, address: string): void {
    this.parts.metrics.add('ovmcli_logins_total', 1, { result: code })
    this.parts.journal.warn('login.refused', { code, ...(user === null ? {} : { user }), address })
  }

  /** Leaves word of a token that is none, or none any more; they are too long to be guessed, so nothing is locked by them. */
  private async tokenRefused(address: string): Promise<Refusal> {
    this.noteRefusal('auth.token', null, address)
    if (this.tokenTold.due(peerOf(address), this.now()) !== null) {
      await this.tell('warning', 'auth.token', null, `a login that has expired or was ended, or a token that never was one, from ${address}`)
    }
    return gone()
  }

  /** The user and the password of HTTP Basic. @throws Refusal auth.password */
  private given(headers: IncomingHttpHeaders, address: string): { user: string; password: string } {
    try {
      return basicOf(headers.authorization ?? '')
    } catch (error) {
      if (error instanceof Refusal) this.noteRefusal(error.code, null, address)
      throw error
    }
  }

  /** Basic shows the password with every call: it is told of as a login once in the time that a token holds. */
  private async tellOnce(user: string, address: string): Promise<void> {
    if (this.told.due(`${peerOf(address)} ${user}`, this.now()) === null) return
    await this.tell('info', 'auth.login', user, `${user} logged in from ${address} (HTTP Basic)`)
    this.parts.metrics.add('ovmcli_logins_total', 1, { result: 'ok' })
    this.parts.journal.info('login', { user, address })
  }

  private async tell(severity: 'info' | 'warning', kind: string, user: string | null, message: string): Promise<void> {
    const at = await this.parts.farmNowMs()
    await this.parts.store.transact(tx => addEvents(tx, eventTable, [{ at, severity, kind, subject: user, user, message }]))
  }

  private now(): number {
    return (this.parts.wallNowMs ?? Date.now)()
  }
}
