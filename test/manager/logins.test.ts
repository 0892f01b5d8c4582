import { beforeEach, describe, expect, it, vi } from 'vitest'
import { noNarrowing, type Principal } from '../../src/contract/requests.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { recordRefusal } from '../../src/manager/people/refusals.js'
import { addEvents } from '../../src/manager/run-records.js'
import { eventTable } from '../../src/manager/schema.js'
import { Refusal } from '../../src/model/errors.js'
import type { Store } from '../../src/store/store.js'
import { refusalOf } from '../refusal.js'
import { figure8, requestOf } from './permitted-farm.js'

/** How often scrypt was asked whether a password is the one. */
const asked = vi.hoisted(() => ({ times: 0 }))
vi.mock('../../src/manager/people/scrypt.js', async original => {
  const real = await original<typeof import('../../src/manager/people/scrypt.js')>()
  return { ...real, isPassword: (password: string, kept: string) => { asked.times++; return real.isPassword(password, kept) } }
})
beforeEach(() => { asked.times = 0 })

const phrase = 'a long pass phrase'

async function setPassword(farm: EmbeddedManager, user: string, password: string): Promise<void> {
  const request = requestOf('admin', 'user.password', user)
  const handle = await farm.startRun({ ...request, requestKey: `${user} ${password}`, options: { ...request.options, details: { password } } })
  expect((await farm.runReport({ principal: { user: 'admin' }, run: handle.run })).done).toBe(1)
}

function look(farm: EmbeddedManager, principal: Principal, kind: 'vm' | 'event' = 'vm', filters: string[] = []): Promise<{ message: string }[]> {
  return farm.list({ principal, kind, narrowing: { ...noNarrowing, filters }, columns: null, sort: null, limit: null, cursor: null }).then(page => JSON.parse(page.json) as { message: string }[])
}

const refusals = (farm: EmbeddedManager) => look(farm, { user: 'admin' }, 'event', ['kind~^auth'])

describe('a manager', () => {
  it('asks scrypt once for each user and password, and again when the password is another one', async () => {
    const farm = await figure8({}, {})
    await setPassword(farm, 'alice', phrase)
    const alice = { user: 'alice', password: phrase }
    for (let times = 0; times < 20; times++) await look(farm, alice)
    await farm.whoAmI({ principal: alice })
    expect(asked.times).toBe(1)
    // What is wrong is never taken for what was right, and is asked every time.
    for (const password of ['a long pass phras', `${phrase} `, '']) expect((await refusalOf(look(farm, { user: 'alice', password }))).code).toBe('auth.password')
    expect(asked.times).toBe(4)
    await setPassword(farm, 'alice', 'another pass phrase')
    expect((await refusalOf(look(farm, alice))).code).toBe('auth.password')
    await look(farm, { user: 'alice', password: 'another pass phrase' })
    expect(asked.times).toBe(6)
  })

  it('lets nobody follow or stop a run, or read its report, by the name alone of whoever began it', async () => {
    const farm = await figure8({ vm1: { owner: 'alice' } }, {})
    await setPassword(farm, 'alice', phrase)
    const principal = { user: 'alice', password: phrase }
    const { run, revision } = await farm.startRun({ ...requestOf('alice', 'vm.start', 'vm1'), principal })
    const stranger = { user: 'alice' }
    for (const work of [() => farm.followRun({ principal: stranger, run, afterRevision: revision }), () => farm.interruptRun({ principal: stranger, run }), () => farm.runReport({ principal: stranger, run })]) expect((await refusalOf(work())).code).toBe('auth.password')
    let handle = await farm.followRun({ principal, run, afterRevision: revision })
    while (handle.state === 'running') handle = await farm.followRun({ principal, run, afterRevision: handle.revision })
    expect((await farm.runReport({ principal, run })).done).toBe(1)
    const dry = await farm.startRun({ ...requestOf('alice', 'vm.stop', 'vm1'), principal, policy: { ...requestOf('alice', 'vm.stop').policy, dryRun: true } })
    expect((await refusalOf(farm.runReport({ principal: stranger, run: dry.run }))).code).toBe('auth.password')
    expect((await farm.runReport({ principal, run: dry.run })).wouldDo).toBe(1)
  })
})

describe('events of refusals', () => {
  it('are one for the same in a minute of the farm, and a hundred at most', async () => {
    const farm = await figure8({}, {})
    const refused = (user: string) => refusalOf(farm.whoAmI({ principal: { user } }))
    for (let times = 0; times < 5; times++) await refused('mallory')
    expect(await refusals(farm)).toHaveLength(1)
    await farm.moveClock({ principal: { user: 'admin' }, advanceMs: 59_000, rate: null })
    await refused('mallory')
    expect(await refusals(farm)).toHaveLength(1)
    await farm.moveClock({ principal: { user: 'admin' }, advanceMs: 2_000, rate: null })
    await refused('mallory')
    expect(await refusals(farm)).toHaveLength(2)
    for (let guess = 0; guess < 120; guess++) await refused(`guess-${guess}`)
    expect(await refusals(farm)).toHaveLength(101)
    await farm.moveClock({ principal: { user: 'admin' }, advanceMs: 61_000, rate: null })
    await refused('x'.repeat(4_000))
    const last = (await refusals(farm)).at(-1)!
    expect(last.message.length).toBeLessThan(1_100)
    expect(last).toMatchObject({ user: 'x'.repeat(80) })
  })

  it('are left by each, whatever others were refused and however many have logged in', async () => {
    const farm = await figure8({}, {})
    const store = farm['parts'].store
    const denied = (user: string, what: string) => recordRefusal(store, 0, { user }, new Refusal('auth.denied', `${user} may not ${what}`))
    await store.transact(tx => addEvents(tx, eventTable, Array.from({ length: 120 }, () => ({ at: 0, severity: 'info', kind: 'auth.login', subject: 'bob', user: 'bob', message: 'bob logged in' }))))
    for (let what = 0; what < 120; what++) await denied('alice', `do ${what}`)
    await denied('operator', 'do that')
    await recordRefusal(store, 0, { user: 'mallory' }, new Refusal('auth.unknown-user', 'nobody of that name'))
    const told = (await look(farm, { user: 'admin' }, 'event', ['kind~^auth', 'severity=warning'])) as unknown as { user: string }[]
    expect([...new Set(told.map(({ user }) => user))].map(user => [user, told.filter(one => one.user === user).length])).toEqual([['alice', 100], ['operator', 1], ['mallory', 1]])
  })

  it('are none where nothing can be written, and of nothing but who somebody is and what he may do', async () => {
    const denied = new Refusal('auth.denied', 'no')
    let tried = 0
    const broken = (code: 'store.read-only' | 'store.full'): Store => ({ transact: () => { tried++; return Promise.reject(new Refusal(code, 'cannot be written')) } }) as unknown as Store
    for (const code of ['store.read-only', 'store.full'] as const) await recordRefusal(broken(code), 0, { user: 'alice' }, denied)
    expect(tried).toBe(2)
    await recordRefusal(broken('store.full'), 0, { user: 'alice' }, new Refusal('not-found.vm', 'no'))
    await recordRefusal(broken('store.full'), 0, { user: 'alice', asked: true }, new Refusal('auth.password', 'none'))
    expect(tried).toBe(2)
    await recordRefusal(broken('store.full'), 0, { user: 'alice', asked: true, password: 'wrong' }, new Refusal('auth.password', 'wrong'))
    expect(tried).toBe(3)
    await expect(recordRefusal({ transact: () => Promise.reject(new Error('a defect')) } as unknown as Store, 0, { user: 'alice' }, denied)).rejects.toThrow('a defect')
  })
})
