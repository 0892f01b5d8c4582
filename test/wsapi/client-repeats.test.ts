import { describe, expect, it, vi } from 'vitest'
import { portMethods, wireMethods, type WireMethod } from '../../src/contract/wire/port.js'
import { refusalOf } from '../refusal.js'
import { answered, call, mocked, ours, page, refused, type Deed, type Sent } from './mocked-manager.js'
import { playedManager, requestOf } from './played-manager.js'

const { answers } = playedManager(11)
const underWay: Deed = { status: 202 }
const keysOf = (sent: readonly Sent[]) => new Set(sent.map(({ headers }) => headers['ovmcli-call']))
const agesOf = (sent: readonly Sent[]) => sent.map(({ headers }) => headers['ovmcli-call-age'])
const move = (deeds: readonly Deed[], options = {}) => {
  const { client, sent } = mocked(deeds, options)
  return { moved: call(client, 'moveClock', requestOf('moveClock')), sent }
}

describe('a call that is under way', () => {
  it.each(wireMethods.filter(method => method !== 'awaitChange'))('is asked for again by the same key and the same body, until it is answered: %s', async method => {
    const { client, sent } = mocked([underWay, underWay, underWay, underWay, answered(method, answers[method])])
    expect(await call(client, method, requestOf(method))).toEqual(answers[method])
    expect([sent.length, keysOf(sent).size, new Set(sent.map(({ body }) => body)).size]).toEqual([5, 1, 1])
  })

  it('says with each repeat how long ago it was sent first, in whole milliseconds', async () => {
    const began = performance.now()
    const { moved, sent } = move([underWay, underWay, underWay, answered('moveClock', answers.moveClock)], { pausesMs: [20, 30] })
    await moved
    const ages = agesOf(sent)
    expect(ages[0]).toBeUndefined()
    for (const [at, age] of ages.entries()) {
      if (at === 0) continue
      expect(age).toMatch(/^\d+$/)
      // It was sent no later than it came, and no earlier than this test began.
      expect(Number(age)).toBeGreaterThanOrEqual(at * 29)
      expect(Number(age)).toBeLessThanOrEqual(Math.ceil(sent[at]!.atMs - began))
    }
  })

  it('has a key that no other call has', async () => {
    const { client, sent } = mocked([answered('moveClock', answers.moveClock), answered('moveClock', answers.moveClock)])
    for (let times = 0; times < 2; times++) await call(client, 'moveClock', requestOf('moveClock'))
    expect(keysOf(sent).size).toBe(2)
  })

  it('is lost and found again as often as need be: what counts is how often in a row', async () => {
    const { moved, sent } = move([{ cut: '<e' }, underWay, { cut: '<e' }, { error: 'ECONNRESET' }, underWay, { cut: '<e' }, { cut: '<e' }, answered('moveClock', answers.moveClock)])
    expect(await moved).toEqual(answers.moveClock)
    expect(keysOf(sent).size).toBe(1)
  })

  it('is not asked for in a tight loop, whoever says at once that it is under way', async () => {
    const began = performance.now()
    await move([underWay, underWay, underWay, answered('moveClock', answers.moveClock)], { pausesMs: [5, 40] }).moved
    expect(performance.now() - began).toBeGreaterThanOrEqual(3 * 39)
  })

  it('is only one where a manager of ours says so: a 202 of anything else is no answer to wait for', async () => {
    expect(await refusalOf(move([page(202)]).moved)).toMatchObject({ code: 'manager.answer', exit: 8 })
    expect(await refusalOf(move([{ status: 202, headers: { 'content-type': 'text/xml' } }]).moved)).toMatchObject({ code: 'manager.answer' })
    expect(await refusalOf(move([{ status: 202, headers: { ...ours, 'ovmcli-contract': '2' } }]).moved)).toMatchObject({ code: 'manager.version' })
  })
})

describe('a call whose connection is lost', () => {
  it('is sent three times in all, by one key; its age is told only once it may have come', async () => {
    // Where there was no connection nothing was sent.
    const unsent = move([{ error: 'ECONNREFUSED' }, { error: 'ECONNRESET' }, answered('moveClock', answers.moveClock)])
    expect(await unsent.moved).toEqual(answers.moveClock)
    expect(agesOf(unsent.sent)).toEqual([undefined])
    const cut = move([{ cut: '<e' }, { cut: '<e' }, answered('moveClock', answers.moveClock)])
    expect(await cut.moved).toEqual(answers.moveClock)
    expect(agesOf(cut.sent)).toEqual([undefined, expect.stringMatching(/^\d+$/), expect.stringMatching(/^\d+$/)])
    expect(keysOf(cut.sent).size).toBe(1)
  })

  it.each([[[]], [[1]], [[1, 1, 1, 1]]])('is repeated as often as there are pauses: %j', async pausesMs => {
    const { moved, sent } = move(Array.from({ length: pausesMs.length + 1 }, () => ({ cut: '<e' })), { pausesMs })
    expect(await refusalOf(moved)).toMatchObject({ code: 'manager.no-answer', exit: 7 })
    expect(sent).toHaveLength(pausesMs.length + 1)
  })

  it('is not repeated where a certificate or the lack of TLS stands in the way: that does not pass', async () => {
    for (const [error, code] of [['CERT_HAS_EXPIRED', 'manager.certificate'], ['SELF_SIGNED_CERT_IN_CHAIN', 'manager.certificate'], ['EPROTO', 'manager.plain']] as const) expect(await refusalOf(move([{ error }]).moved)).toMatchObject({ code })
  })

  it('is repeated after an error of a proxy that did not get through, unless that says when to come again', async () => {
    for (const status of [502, 503, 504]) {
      const { moved, sent } = move([page(status), page(status), answered('moveClock', answers.moveClock)])
      expect(await moved).toEqual(answers.moveClock)
      expect(keysOf(sent).size).toBe(1)
      expect(agesOf(sent)[1]).toMatch(/^\d+$/)
    }
    const { moved, sent } = move([page(503, { 'retry-after': '120' })])
    expect(await refusalOf(moved)).toMatchObject({ code: 'manager.no-answer', message: expect.stringContaining('HTTP 503') as unknown })
    expect(sent).toHaveLength(1)
  })
})

describe('that the outcome is unknown is said of calls that change something, and only where it is', () => {
  // The table of the port says what a repeat would do: what is not merely carried out again changes something, but for reading a report.
  const changing = wireMethods.filter(method => portMethods[method].repeat !== 'again' && method !== 'runReport')
  const codeOf = async (method: WireMethod, deeds: readonly Deed[]) => (await refusalOf(call(mocked(deeds).client, method, requestOf(method)))).code

  it.each(wireMethods)('%s', async method => {
    const unknown = 'manager.no-answer'
    const cut: Deed = { cut: '<e' }
    const shapeless: Deed = { body: `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><${method}Response xmlns="urn:ovmcli:farm:1"><result xmlns:x="urn:x" x:y="1">&lt;</result></${method}Response></e:Body></e:Envelope>` }
    const busy = refused({ code: 'manager.busy', message: 'the manager is being stopped' }, 503)
    const denied = refused({ code: 'auth.token', message: 'the login has expired' }, 401)
    const known = refused({ code: 'guard.confirm', message: 'wants a confirmation' })
    const is = (deeds: Deed[], forReaders: string, forChangers: string) => expect(codeOf(method, deeds)).resolves.toBe(changing.includes(method) ? forChangers : forReaders)
    await is([cut, cut, cut], 'manager.answer', unknown)
    await is([page(504), page(502), page(503)], 'manager.http', unknown)
    await is([page(500)], 'manager.http', unknown)
    if (portMethods[method].answer) await is([shapeless], 'manager.answer', unknown)
    await is([{ body: 'half of an answ' }], 'manager.answer', unknown)
    // The manager, or something before it, says that it did not look at it; but of an attempt before that nobody knows.
    for (const [no, code] of [[busy, 'manager.busy'], [denied, 'auth.token'], [page(404), 'manager.http'], [page(401), 'auth.denied'], [page(200), 'manager.answer'], [{ ...page(200), headers: { ...ours, 'ovmcli-contract': '2' } }, 'manager.version']] as const) {
      await is([no], code, code)
      await is([cut, no], code, unknown)
      if (method !== 'awaitChange') await is([underWay, no], code, unknown)
    }
    // What the manager refuses it has looked at: with the key of the first attempt it says what became of that.
    for (const before of [[], [cut], [cut, page(502)]]) await is([...before, known], 'guard.confirm', 'guard.confirm')
    // Nothing was sent.
    await is([{ error: 'ECONNREFUSED' }, { error: 'EHOSTUNREACH' }, { error: 'ECONNRESET' }], 'manager.unreachable', 'manager.unreachable')
  })

  it.each([['startRun', 'run list'], ['resumeRun', 'run list'], ['retryRun', 'run list'], ['undoRun', 'run list'], ['abortJobs', 'job list'], ['moveClock', 'farm status']] as const)('and where to look: %s', async (method, where) => {
    const refusal = await refusalOf(call(mocked([page(500)]).client, method, requestOf(method)))
    expect(refusal).toMatchObject({ code: 'manager.no-answer', exit: 7, hint: expect.stringContaining(where) as unknown })
    expect(refusal.message).toContain('HTTP 500')
  })
})

describe('awaiting a change', () => {
  const notice = (changed: boolean) => answered('awaitChange', { ...(answers.awaitChange as object), changed })
  const waitsOf = (sent: readonly Sent[]) => sent.map(({ body }) => Number(/<waitMs>(\d+)</.exec(body)![1]))
  const follow = (deeds: readonly Deed[], waitMs: number, options = {}) => {
    const { client, sent } = mocked(deeds, options)
    return { client, sent, awaited: client.awaitChange({ principal: { user: 'admin' }, afterRevision: '1', waitMs }) }
  }

  it('asks in calls of a while each, and says what is left of the time', async () => {
    const { awaited, sent } = follow([notice(false), notice(false), notice(true)], 60_000, { timeoutMs: 10_000 })
    expect(await awaited).toMatchObject({ changed: true })
    expect(waitsOf(sent)).toEqual([5_000, 5_000, 5_000])
    const short = follow([notice(true)], 1_200)
    await short.awaited
    expect(waitsOf(short.sent)).toEqual([1_200])
  })

  it('does not ask in a tight loop, and once where it is not to wait', async () => {
    const began = performance.now()
    await follow([notice(false), notice(false), notice(false), notice(true)], 60_000, { pausesMs: [40] }).awaited
    expect(performance.now() - began).toBeGreaterThanOrEqual(3 * 39)
    expect(await follow([notice(false)], 0).awaited).toMatchObject({ changed: false })
  })

  it.each<[string, Deed]>([['cut off', { cut: '<e' }], ['that nothing changed', notice(false)]])('ends at once when it is told to, with what the manager says then (the answer before: %s)', async (_, deed) => {
    const { client, sent, awaited } = follow([deed, notice(false)], 3_600_000, { pausesMs: [600_000] })
    // After its answer it would rest for ten minutes.
    await vi.waitFor(() => { expect(sent).toHaveLength(1) }, 60_000)
    await client.stopAwaiting({ principal: { user: 'admin' } })
    expect(await awaited).toMatchObject({ changed: false })
    expect(waitsOf(sent).at(-1)).toBe(0)
  })
})
