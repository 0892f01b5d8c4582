import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { remoteDesk } from '../../src/remote/desk.js'
import { errorCodes, Refusal, type ErrorCode } from '../../src/model/errors.js'
import { refusalOf } from '../refusal.js'
import { host, ours as soap, page, place, played, type Deed, type Said } from '../wsapi/mocked-manager.js'

const password = 'correct horse battery staple'
const token = 'ovm_dGhlIHRva2VuIG9mIG5vYm9keQ'
const basic = Buffer.from(`admin:${password}`).toString('base64')
const ours = { 'content-type': 'application/json', 'ovmcli-contract': '1' }
const login = { service: 'ovmcli', contract: 1, farm: 'prod', user: 'admin', token, expiresAt: '2999-01-01T00:00:00.000Z' }
const json = (document: unknown, status = 200, headers: Record<string, string> = ours): Said => ({ status, headers, body: JSON.stringify(document) })
const no = (error: unknown, status = 401) => json({ service: 'ovmcli', error }, status)
const said = (text: string) => expect.stringContaining(text) as unknown

const logIn = (deed: Deed) => {
  const sent = played('/login', [deed])
  return { sent, given: remoteDesk.logIn(place, 'admin', password) }
}
const logOut = (deed: Deed) => {
  const sent = played('/logout', [deed])
  return { sent, done: remoteDesk.logOut(place, token) }
}
/** What a login and a logout end with; no secret may be in it. */
const refusals = async (deed: Deed) => {
  const ended = [await refusalOf(logIn(deed).given), await refusalOf(logOut(deed).done)]
  for (const secret of [password, basic, token]) expect(JSON.stringify(ended.map(({ fault }) => fault))).not.toContain(secret)
  return ended
}

describe('a login', () => {
  it('shows user and password in one header, once, and gives the token', async () => {
    const { sent, given } = logIn(json(login))
    expect(await given).toEqual({ user: 'admin', farm: 'prod', token, expiresAt: login.expiresAt })
    const [{ headers, body }] = sent as [typeof sent[number]]
    const { connection: _, ...others } = headers
    expect(others).toEqual({ host, authorization: `Basic ${basic}`, accept: 'application/json', 'accept-encoding': 'gzip', 'content-length': '0' })
    expect(body).toBe('')
  })

  it('shows a name and a password of any letters in UTF-8', async () => {
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'grapheme' }).filter(user => !user.includes(':')), fc.string({ unit: 'grapheme' }), async (user, secret) => {
      const sent = played('/login', [json(login)])
      await remoteDesk.logIn(place, user, secret)
      expect(Buffer.from(sent[0]!.headers['authorization']!.replace('Basic ', ''), 'base64').toString('utf8')).toBe(`${user}:${secret}`)
    }), { numRuns: 100 })
  })

  it('of a name with a colon is not sent: the manager would read another name, and the rest as its password', async () => {
    const refusal = await refusalOf(remoteDesk.logIn(place, 'admin:x', password))
    expect(refusal).toMatchObject({ code: 'auth.unknown-user', exit: 4, message: said('admin:x') })
    expect(JSON.stringify(refusal.fault)).not.toContain(password)
  })

  it('passes over what a newer manager says beside it, and takes it packed', async () => {
    expect(await logIn(json({ ...login, news: { deep: [1] }, error: null })).given).toMatchObject({ token })
    expect(await logIn({ headers: { ...ours, 'content-encoding': 'gzip' }, body: gzipSync(JSON.stringify(login)) }).given).toMatchObject({ token })
  })

  it.each<[string, object]>([
    ['a token', { token: undefined }], ['a token that is a text', { token: 7 }], ['a token with letters in it', { token: '' }], ['a token that can stand in a header', { token: 'ovm_a\r\nX-Other: 1' }], ['a token of ASCII', { token: 'ovm_\u00e9\u4e00' }],
    ['a token that is a word', { token: `${token} ${token}` }], ['a token of a bearable length', { token: 'x'.repeat(5_000) }], ['a user', { user: undefined }], ['a user with a name', { user: '' }], ['a user that is a text', { user: ['admin'] }], ['a farm', { farm: undefined }], ['a farm that is a text', { farm: null }],
    ['an end', { expiresAt: undefined }], ['an end that is a time', { expiresAt: 'tomorrow' }], ['an end that is a day of the calendar', { expiresAt: '2999-02-99T00:00:00Z' }], ['an end that is a text', { expiresAt: 4_102_444_800_000 }],
  ])('without %s is none', async (_, change) => {
    expect(await refusalOf(logIn(json({ ...login, ...change })).given)).toMatchObject({ code: 'manager.answer', exit: 8, message: said('gives no login') })
  })

  it('that has expired when it is given says so, and that clocks may differ', async () => {
    expect(await refusalOf(logIn(json({ ...login, expiresAt: '2020-01-01T00:00:00Z' })).given)).toMatchObject({ code: 'manager.answer', message: said('expired already, at 2020-01-01T00:00:00Z'), hint: said('clocks') })
  })
})

describe('a logout', () => {
  it('shows the token, once', async () => {
    const { sent, done } = logOut(json({ service: 'ovmcli' }))
    await done
    const [{ headers }] = sent as [typeof sent[number]]
    const { connection: _, ...others } = headers
    expect(others).toEqual({ host, authorization: `Bearer ${token}`, accept: 'application/json', 'accept-encoding': 'gzip', 'content-length': '0' })
  })

  it.each(['', 'two words', 'ovm_a\r\nX-Other: 1', '\u0000', 'ovm_\u4e00'])('with a token that cannot stand in a header is not sent: the profile is damaged (%j)', async damaged => {
    const code = { code: 'auth.token', exit: 4, hint: said('profile add') }
    expect(await refusalOf(remoteDesk.logOut(place, damaged))).toMatchObject(code)
    const manager = remoteDesk.open(place, { token: damaged })
    expect(await refusalOf(manager.whoAmI({ principal: { user: 'admin' } }))).toMatchObject(code)
    await manager.close()
  })
})

describe('a manager that says no', () => {
  it.each<[ErrorCode, number, number]>([['auth.password', 401, 4], ['auth.throttled', 401, 4], ['auth.locked', 401, 4], ['auth.unknown-user', 401, 4], ['auth.token', 401, 4], ['manager.busy', 503, 8], ['defect.internal', 500, 1]])('is taken at its word: %s', async (code, status, exit) => {
    const error = { code, message: 'what happened', hint: 'what to do', details: { retryAfterSeconds: 30 } }
    for (const refusal of await refusals(no(error, status))) expect([refusal.fault, refusal.exit]).toEqual([error, exit])
    for (const refusal of await refusals(no({ code, message: 'what happened', hint: null }, status))) expect(refusal.fault).toEqual({ code, message: 'what happened', hint: null, details: null })
  })

  it.each(['auth.levitates', 'toString', '__proto__', '\u001b[2J', 'x'.repeat(5_000)])('with a code that is none of ours is a newer one: %j', async code => {
    for (const refusal of await refusals(no({ code, message: 'm', hint: null }))) expect(refusal).toMatchObject({ code: 'manager.version', exit: 8, message: said('HTTP 401'), hint: said('version of the manager') })
  })

  it.each<[string, unknown]>([
    ['a number', 7], ['a text', 'no'], ['a list', ['auth.password']], ['nothing', {}], ['no message', { code: 'auth.password', hint: null }], ['a message that is none', { code: 'auth.password', message: { length: 1e9 }, hint: null }], ['a hint that is none', { code: 'auth.password', message: 'm', hint: {} }],
    ['a code that is a list', { code: ['auth.password'], message: 'm', hint: null }], ['a code that is no text at all', { code: { toString: 1 }, message: 'm', hint: null }], ['details without bottom', { code: 'auth.password', message: 'm', hint: null, details: JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`) as unknown }],
  ])('and says %s, is no manager of ours', async (_, error) => {
    for (const refusal of await refusals(no(error))) expect(refusal).toMatchObject({ code: 'manager.answer', exit: 8, message: said('not of the contract') })
  })

  it('or a proxy, that says back what it was sent, is not quoted in that', async () => {
    const error = { code: 'auth.password', message: `not ${password}, ${basic}, ${token}`, hint: `${password}`, details: { headers: { authorization: [`Basic ${basic}`, `Bearer ${token}`] }, [password]: password } }
    expect((await refusalOf(logIn(no({ ...error, message: `not ${password}, ${basic}` })).given)).message).toBe('not …, …')
    expect((await refusalOf(logOut(no({ ...error, message: `not ${token}` })).done)).message).toBe('not …')
    const quoted = async (ended: Promise<unknown>, secrets: string[]) => { for (const secret of secrets) expect(JSON.stringify((await refusalOf(ended)).fault)).not.toContain(secret) }
    await quoted(logIn(no(error)).given, [password, basic])
    await quoted(logOut(no(error)).done, [token])
  })
})

describe('what answers a login or a logout, and is no manager, or another one', () => {
  it.each<[string, Deed, ErrorCode, string]>([
    ['a page', page(200), 'manager.answer', 'HTTP 200'],
    ['nothing', { headers: ours, body: '' }, 'manager.answer', 'no manager of ours'],
    ['half a document', { headers: ours, body: JSON.stringify(login).slice(0, -5) }, 'manager.answer', 'no manager of ours'],
    ['a number', json(7), 'manager.answer', 'no manager of ours'], ['null', json(null), 'manager.answer', 'no manager of ours'], ['a list', json([login]), 'manager.answer', 'no manager of ours'], ['a text', json('ovmcli'), 'manager.answer', 'no manager of ours'],
    ['another service', json({ ...login, service: 'vcenter' }), 'manager.answer', 'no manager of ours'], ['a service without a name', json({ ...login, service: undefined }), 'manager.answer', 'no manager of ours'],
    ['SOAP', { headers: soap, body: '<e:Envelope/>' }, 'manager.answer', 'no manager of ours'],
    ['too much', json({ ...login, news: 'x'.repeat(70_000) }), 'manager.answer', 'at length'],
    ['too much, packed', { headers: { ...ours, 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(10_000_000)) }, 'manager.answer', 'at length'],
    ['too much, as it says', { headers: { ...ours, 'content-length': '70000' }, body: '{' }, 'manager.answer', 'at length'],
    ['bytes that are no text', { headers: ours, body: Buffer.from([0x7b, 0xff, 0xfe]) }, 'manager.answer', 'UTF-8'],
    ['gzip that is none', { headers: { ...ours, 'content-encoding': 'gzip' }, body: '{}' }, 'manager.answer', 'gzip'],
    ['a coding that nobody asked for', { headers: { ...ours, 'content-encoding': 'br' }, body: '{}' }, 'manager.answer', 'gzip'],
    ['an answer that is cut off', { cut: '{"service"', headers: ours }, 'manager.answer', 'cut off'],
    ['a later version', json(login, 200, { 'ovmcli-contract': '2' }), 'manager.version', 'speaks version 2 of the contract, and this ovmcli version 1'],
    ['an older version', json(login, 200, { 'ovmcli-contract': '0' }), 'manager.version', 'speaks version 0'],
    ['no version', json(login, 200, {}), 'manager.version', 'does not say which version'],
    ['a version with a name', json(login, 200, { 'ovmcli-contract': `beta ${token}` }), 'manager.version', 'some other version'],
    ['a redirection', page(302, { location: 'https://elsewhere.example/login' }), 'manager.answer', 'HTTP 302'],
    ['a page that wants another login', page(401, { 'www-authenticate': 'Negotiate' }), 'manager.answer', 'HTTP 401'],
    ['nothing there', page(404), 'manager.answer', 'HTTP 404'],
    ['the manager, without a word', json({ service: 'ovmcli' }, 404), 'manager.http', 'HTTP 404'],
    ['a proxy that wants a login', page(407), 'manager.http', 'HTTP 407'],
    ['a proxy that has enough', page(429, { 'retry-after': '7' }), 'manager.http', 'HTTP 429'],
    ['a proxy that does not get through', page(502), 'manager.http', 'HTTP 502'],
    ['nobody', { error: 'ECONNREFUSED' }, 'manager.unreachable', 'nobody listens'],
    ['no host', { error: 'ENOTFOUND' }, 'manager.unreachable', 'no host manager.example'],
    ['a mail server', { error: 'EPROTO' }, 'manager.plain', 'TLS'],
    ['a certificate of yesterday', { error: 'CERT_HAS_EXPIRED' }, 'manager.certificate', 'has expired'],
  ])('%s', async (_, deed, code, message) => {
    for (const refusal of await refusals(deed)) expect(refusal).toMatchObject({ code, exit: 8, message: said(message), hint: expect.any(String) as unknown })
  })

  it('is asked once: a login is repeated by nobody, and follows no redirection', async () => {
    const elsewhere = [nock('https://elsewhere.example').post(() => true), nock('https://elsewhere.example').get(() => true)].map(request => request.reply(200, login, ours))
    for (const status of [301, 302, 303, 307, 308]) await refusals(page(status, { location: 'https://elsewhere.example/login' }))
    for (const deed of [{ cut: '{' }, { error: 'ECONNRESET' }, page(503)]) {
      const { sent, given } = logIn(deed)
      await refusalOf(given)
      expect(sent.length).toBeLessThanOrEqual(1)
    }
    expect(elsewhere.map(scope => scope.isDone())).toEqual([false, false])
    nock.cleanAll()
  })

  it('says when to come again where it is told', async () => {
    expect((await refusals(page(429, { 'retry-after': '7' }))).map(({ hint }) => hint)).toEqual(['try again in 7 s', 'try again in 7 s'])
  })

  it('whatever it says, there is a login or a refusal with a code of the contract, and never a defect', async () => {
    const odd = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom<unknown>({ toString: 1, valueOf: 2 }, { length: 1e9 }, ['auth.password'], `${token}\n`, '', null))
    const field = <T>(right: T) => fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>(right) }, { weight: 1, arbitrary: odd })
    const document = fc.oneof({ weight: 1, arbitrary: odd }, {
      weight: 9,
      arbitrary: fc.record({
        service: field('ovmcli'), token: field(token), user: field('admin'), farm: field('prod'), expiresAt: field(login.expiresAt),
        error: fc.oneof(odd, fc.record({ code: fc.oneof(odd, fc.constantFrom(...Object.keys(errorCodes), 'hasOwnProperty')), message: field('m'), hint: field(null), details: odd }, { requiredKeys: [] })),
      }, { requiredKeys: ['service'] }),
    })
    await fc.assert(fc.asyncProperty(document, fc.constantFrom(200, 200, 401, 404, 500, 503), async (document, status) => {
      const ended: unknown = await logIn(json(document, status)).given.catch((error: unknown) => error)
      if (ended instanceof Refusal) {
        expect(Object.hasOwn(errorCodes, ended.code)).toBe(true)
        expect([typeof ended.message, ended.hint === null || typeof ended.hint === 'string', JSON.stringify(ended.fault).length > 0]).toEqual(['string', true, true])
      } else expect(Object.values(ended as object).map(one => typeof one)).toEqual(['string', 'string', 'string', 'string'])
    }), { numRuns: 1_000 })
  })
})
