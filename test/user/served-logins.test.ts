import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { enveloped } from '../../src/wsapi/envelope.js'
import { farmPath } from '../../src/wsapi/paths.js'
import { hostileTimes } from '../hostile-times.js'
import { knock, tally, type Knocked } from '../knock.js'
import { basic, password, ServedFarm } from '../served-manager.js'
import type { Running } from '../session.js'

const wrong = 'not the pass phrase'
const whoAmI = { path: farmPath, body: enveloped('whoAmI', '') }

interface Event { kind: string; severity: string; user: string | null; message: string }

/** A served farm with bob and dora, who have the same password as the administrator, and carl, whose account is locked. */
class Guarded extends ServedFarm {
  constructor() {
    super('figure-8')
    for (const name of ['bob', 'carl', 'dora']) this.here(`user create ${name} --role user --password-file ${this.passwordFile}`)
    this.here('user lock carl --yes')
  }

  logInAs(user: string, secret: string, from: string): Promise<Knocked> {
    return knock(this.url, { headers: basic(user, secret), from })
  }

  /** A call by HTTP Basic, or with a token. */
  ask(authorization: string, from: string): Promise<Knocked> {
    return knock(this.url, { ...whoAmI, headers: { authorization, 'content-type': 'text/xml' }, from })
  }

  /** A token of the administrator. */
  async token(): Promise<string> {
    return (JSON.parse((await this.logInAs('admin', password, '127.0.0.1')).text) as { token: string }).token
  }

  events(): Event[] {
    return this.here<Event[]>('event list --filter kind~^auth --filter kind!=auth.login')
  }
}

/** How often something stands in a log. */
function times(log: string, pattern: RegExp): number {
  return log.split('\n').filter(line => pattern.test(line)).length
}

describe('wrong passwords at a served manager', () => {
  let farm: Guarded
  let manager: Running
  let token: string
  // One for all: each test has addresses of its own.
  beforeAll(async () => {
    farm = new Guarded()
    manager = await farm.serve()
    token = await farm.token()
  })

  it('lock a user at an address after five, however many come at once, and the right one does not get in; nobody else is kept out', async () => {
    const guesses = Array.from({ length: 40 }, () => farm.logInAs('admin', wrong, '127.0.1.1'))
    await Promise.race(guesses)
    // With those that wait, by the door and by a call; the right password was shown before.
    const right = [farm.logInAs('admin', password, '127.0.1.1'), farm.ask(basic('admin', password).authorization, '127.0.1.1')]
    expect(tally(await Promise.all(guesses))).toEqual({ '401 auth.password': 5, '401 auth.throttled': 35 })
    expect(tally(await Promise.all(right))).toEqual({ '401 auth.throttled': 2 })
    const { text } = await farm.logInAs('admin', password, '127.0.1.1')
    const { error } = JSON.parse(text) as { error: { code: string; hint: string; details: { retryAfterSeconds: number } } }
    expect(error).toMatchObject({ code: 'auth.throttled', hint: expect.stringContaining('wait') as unknown })
    expect(error.details.retryAfterSeconds).toBeGreaterThan(0)
    expect(error.details.retryAfterSeconds).toBeLessThanOrEqual(60)
    expect(tally(await Promise.all([farm.logInAs('bob', password, '127.0.1.1'), farm.logInAs('admin', password, '127.0.1.2'), farm.ask(basic('admin', password).authorization, '127.0.1.2'), farm.ask(`Bearer ${token}`, '127.0.1.1')]))).toEqual({ '200 null': 4 })
    if (hostileTimes > 1) {
      await passed(61_000)
      expect(tally(await Promise.all(Array.from({ length: 8 }, () => farm.logInAs('admin', wrong, '127.0.1.1'))))).toEqual({ '401 auth.password': 5, '401 auth.throttled': 3 })
      const again = JSON.parse((await farm.logInAs('admin', password, '127.0.1.1')).text) as { error: { details: { retryAfterSeconds: number } } }
      expect(again.error.details.retryAfterSeconds).toBeGreaterThan(60)
      await passed(again.error.details.retryAfterSeconds * 1_000)
      expect((await farm.logInAs('admin', password, '127.0.1.1')).status).toBe(200)
    }
    const rounds = hostileTimes > 1 ? 2 : 1
    await manager.said(/"level":"warn","event":"login.refused","code":"auth.password","user":"admin","address":"127.0.1.1"/, 5 * rounds)
    const stderr = await manager.said(/"level":"warn","event":"login.refused","code":"auth.throttled","user":"admin","address":"127.0.1.1"/, rounds === 1 ? 38 : 42)
    for (const secret of [password, wrong, token]) expect(stderr).not.toContain(secret)
    const events = farm.events().filter(({ message }) => message.includes('127.0.1.1'))
    expect(events.filter(({ kind }) => kind === 'auth.password')).toEqual(Array.from({ length: 5 * rounds }, () => expect.objectContaining({ severity: 'warning', user: 'admin', message: 'a wrong password for admin from 127.0.1.1' }) as unknown))
    expect(events.filter(({ kind }) => kind === 'auth.throttled').map(({ message }) => message)).toEqual(['logins from 127.0.1.1 as admin are locked for 60 s after wrong passwords', 'logins from 127.0.1.1 as admin are locked for 120 s after wrong passwords'].slice(0, rounds))
  })

  it('tell nobody who there is: the answers and what they cost are the same', async () => {
    const users = ['admin', 'bob', 'carl', 'operator', 'nobody', 'x'.repeat(4_000)]
    const [answers, costs] = [new Set<string>(), [] as number[]]
    for (const [at, user] of users.entries()) {
      const before = await farm.metric('process_cpu_seconds_total')
      answers.add((await farm.logInAs(user, wrong, `127.0.2.${1 + at}`)).text.replace(`"${user.slice(0, 80)}"`, '"USER"'))
      costs.push((await farm.metric('process_cpu_seconds_total')) - before)
    }
    expect([...answers]).toEqual([expect.stringContaining('"auth.password"')])
    expect(Math.max(...costs) / Math.min(...costs)).toBeLessThan(2)
    // Only the right password tells that an account is locked; and who is unknown is locked out as who is known.
    expect(await farm.logInAs('carl', password, '127.0.2.9')).toMatchObject({ status: 401, code: 'auth.locked' })
    const guesses = await Promise.all(Array.from({ length: 7 }, () => farm.logInAs('nobody', wrong, '127.0.2.10')))
    expect(tally(guesses)).toEqual({ '401 auth.password': 5, '401 auth.throttled': 2 })
  })

  it('for many names from one address lock that address, those too that name nobody; whoever holds a token goes on', async () => {
    const guesses = await Promise.all(Array.from({ length: 30 }, (_, at) => farm.logInAs(`name${at}`, wrong, '127.0.3.1')))
    expect(tally(guesses)).toEqual({ '401 auth.password': 25, '401 auth.throttled': 5 })
    expect(tally(await Promise.all([farm.logInAs('bob', password, '127.0.3.1'), farm.ask(`Bearer ${token}`, '127.0.3.1'), farm.logInAs('bob', password, '127.0.3.2')]))).toEqual({ '401 auth.throttled': 1, '200 null': 2 })
    // Who names nobody at all is refused, and logged; that is no guess.
    const none = await Promise.all(['', 'Basic', 'Basic Og==', 'Negotiate YWJj', `Basic ${'A'.repeat(12_000)}`].map(authorization => knock(farm.url, { headers: { authorization }, from: '127.0.3.3' })))
    expect(tally(none)).toEqual({ '401 auth.password': 5 })
    expect(farm.events().filter(({ message }) => message.includes('127.0.3.3'))).toEqual([])
  })

  it('tokens that are guessed are refused one and all, logged each, and an event once an address and minute', async () => {
    const guess = (at: number) => `Bearer ${token.slice(0, -6)}${String(at).padStart(6, '0')}`
    const guesses = Array.from({ length: 300 * hostileTimes }, (_, at) => (at % 3 === 0 ? knock(farm.url, { path: '/logout', headers: { authorization: guess(at) }, from: '127.0.5.1' }) : farm.ask(guess(at), `127.0.5.${1 + (at % 3)}`)))
    const honest = await Promise.all([farm.ask(`Bearer ${token}`, '127.0.5.2'), farm.logInAs('bob', password, '127.0.5.2')])
    expect(tally(honest)).toEqual({ '200 null': 2 })
    expect(tally(await Promise.all(guesses))).toEqual({ '401 auth.token': guesses.length })
    // A token that is not spelled like one is no token.
    for (const authorization of ['Bearer', 'Bearer x y', `Bearer ${'x'.repeat(300)}`]) expect((await farm.ask(authorization, '127.0.5.4')).status).toBe(401)
    const stderr = await manager.said(/"login.refused","code":"auth.token"/, guesses.length)
    expect(stderr).not.toContain(token.slice(0, -6))
    const events = farm.events().filter(({ message }) => message.includes('127.0.5.')).map(({ kind, severity, user, message }) => [kind, severity, user, message.slice(message.lastIndexOf(' ') + 1)])
    expect(events.sort()).toEqual(['127.0.5.1', '127.0.5.2', '127.0.5.3'].map(from => ['auth.token', 'warning', null, from]))
  })

  it('who has shown his password before gets in no more with it once he is locked or has another', async () => {
    const { authorization } = basic('bob', password)
    expect((await farm.ask(authorization, '127.0.6.1')).status).toBe(200)
    farm.here('user lock bob --yes')
    expect(await farm.ask(authorization, '127.0.6.1')).toMatchObject({ status: 401, code: 'auth.locked' })
    farm.here('user unlock bob')
    const other = join(farm.home, 'other')
    writeFileSync(other, 'another pass phrase\n', { mode: 0o600 })
    farm.here(`user password bob --password-file ${other}`)
    expect(await farm.ask(authorization, '127.0.6.1')).toMatchObject({ status: 401, code: 'auth.password' })
    expect((await farm.ask(basic('bob', 'another pass phrase').authorization, '127.0.6.1')).status).toBe(200)
  })

  it('by the hundred from many addresses keep nobody waiting, who has shown his password before or logs in for the first time; and the end does not wait for them', async () => {
    let answered = 0
    const guesses = Array.from({ length: 120 * hostileTimes }, (_, at) => farm.logInAs(`name${at}`, wrong, `127.0.4.${1 + (at % 12)}`).then(guess => { answered++; return guess }))
    await Promise.race(guesses)
    const honest = await Promise.all([farm.logInAs('dora', password, '127.0.4.101'), farm.ask(basic('admin', password).authorization, '127.0.4.102'), farm.ask(`Bearer ${token}`, '127.0.4.1')])
    expect(tally(honest)).toEqual({ '200 null': 3 })
    expect(answered).toBeLessThan(guesses.length / 2)
    manager.signal('SIGTERM')
    const { exit, stderr } = await manager.ended
    expect(exit).toBe(0)
    const said = tally(await Promise.all(guesses))
    expect(said['503 manager.busy']).toBeGreaterThan(0)
    expect(stderr).toContain('"event":"stopped","drained":true')
    expect(times(stderr, /"level":"error"/)).toBe(0)
  })
})
