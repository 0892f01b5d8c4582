import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Manager } from '../../src/contract/manager.js'
import { wireMethods, type WireMethod } from '../../src/contract/wire/port.js'
import { join } from 'node:path'
import { noNarrowing, type RunRequest } from '../../src/contract/requests.js'
import { openManager } from '../../src/embedded/open.js'
import { remoteDesk } from '../../src/remote/desk.js'
import { Session } from '../session.js'
import { callBounds } from '../../src/wsapi/calls.js'
import { mischievous, type Mischief } from './mischief.js'
import { playedManager, requestOf } from './played-manager.js'
import { clientOf, serve } from './served.js'

const changing: readonly WireMethod[] = ['startRun', 'resumeRun', 'retryRun', 'undoRun', 'abortJobs', 'moveClock']
const call = (manager: Manager, method: WireMethod) => (manager[method] as (request: unknown) => Promise<unknown>)(requestOf(method))

/** A client of a played manager, with a proxy in between that does one mischief after the other. */
async function between(mischiefs: readonly Mischief[], timeoutMs = 30_000) {
  const played = playedManager(1)
  // The manager is up for a moment only, so that it could not tell a call from before its time.
  const served = await serve(played.manager, { bounds: { calls: { ...callBounds, onItsWayMs: 0 } } })
  const left = [...mischiefs]
  const port = await mischievous(served, () => left.shift() ?? 'pass')
  return { played, served, client: clientOf(port, { timeoutMs, pausesMs: [1, 5] }) }
}

describe('every call is answered as if nothing had been, and nothing happens twice', () => {
  const ways: [string, Mischief[]][] = [
    ['when it passes', ['pass']], ['when it is lost on the way', ['lost']], ['when it is lost twice', ['lost', 'lost']], ['when the answer is lost', ['answer-lost']], ['when the answer is cut in half', ['answer-halved']],
    ['when it comes twice', ['doubled']], ['when the answer is lost, and then the repeat', ['answer-lost', 'lost']],
  ]
  it.each(ways)('%s', async (_, mischiefs) => {
    for (const method of wireMethods) {
      const { played, client } = await between(mischiefs)
      expect(await call(client, method), method).toEqual(played.answers[method])
      if (played.asked.some(({ request }) => 'requestKey' in request) || changing.slice(-2).includes(method)) expect(played.effects(method), method).toBe(1)
      expect(played.asked[0]!.request, method).toEqual({ ...requestOf(method), principal: { user: 'admin' } })
    }
  })
})

describe('a call whose answer never comes', () => {
  it.each(['answer-lost', 'answer-halved'] as const)('says that the outcome is unknown where it changes something, and only there (%s)', async mischief => {
    for (const method of wireMethods) {
      const { played, client } = await between([mischief, mischief, mischief])
      const code = changing.includes(method) ? 'manager.no-answer' : mischief === 'answer-lost' ? 'manager.unreachable' : 'manager.answer'
      await expect(call(client, method), method).rejects.toMatchObject({ name: 'Refusal', code, exit: changing.includes(method) ? 7 : 8 })
      if (method !== 'resumeRun' && changing.includes(method)) expect(played.effects(method), method).toBe(1)
    }
  })

  it('was never made where nobody listens: that is known', async () => {
    const closed = createServer()
    await new Promise<void>(resolve => { closed.listen(0, '127.0.0.1', resolve) })
    const { port } = closed.address() as AddressInfo
    await new Promise(resolve => { closed.close(resolve) })
    for (const method of wireMethods) await expect(call(clientOf(port, { pausesMs: [1, 1] }), method), method).rejects.toMatchObject({ code: 'manager.unreachable', exit: 8, message: `nobody listens at 127.0.0.1:${port}` })
  })

  it('was never made where the certificate is another than the trusted one: that is known too', async () => {
    const { manager, asked } = playedManager(1)
    const { port } = await serve(manager)
    const remote = remoteDesk.open({ url: `https://127.0.0.1:${port}`, trust: { kind: 'pinned', fingerprint: 'AA:BB' } }, { token: 'ovm_x' })
    for (const method of wireMethods) await expect(call(remote, method), method).rejects.toMatchObject({ code: 'manager.certificate', exit: 8 })
    expect(asked).toEqual([])
    await remote.close()
  })

  it('is unknown where the manager that was asked is gone, and its successor carries nothing out a second time', async () => {
    const [first, second] = [playedManager(1), playedManager(1)]
    const target = { port: (await serve(first.manager)).port }
    let successor: number | null = null
    const port = await mischievous(target, async () => {
      if (successor === null) {
        successor = (await serve(second.manager)).port
        return 'answer-lost'
      }
      target.port = successor
      return 'pass'
    })
    await expect(call(clientOf(port, { pausesMs: [20, 20] }), 'moveClock')).rejects.toMatchObject({ code: 'manager.no-answer', exit: 7 })
    expect([first.effects('moveClock'), second.effects('moveClock')]).toEqual([1, 0])
  })
})

it('an answer that is late is waited for, and asked for again, while what it answers happens once', async () => {
  let release = () => {}
  const held = new Promise<void>(resolve => { release = resolve })
  const played = playedManager(1, () => held)
  const { port } = await serve(played.manager)
  let requests = 0
  // The manager says each second that it is still at it.
  const client = clientOf(await mischievous({ port }, () => {
    if (++requests === 3) release()
    return 'pass'
  }), { timeoutMs: 2_000 })
  expect(await call(client, 'moveClock')).toEqual(played.answers.moveClock)
  expect(played.effects('moveClock')).toBe(1)
  expect(requests).toBeGreaterThanOrEqual(3)
})

it('the key of a call that is used for another one is refused', async () => {
  const played = playedManager(1)
  const served = await serve(played.manager)
  const headers = { 'ovmcli-call': 'a-key-of-mine' }
  const { post } = await import('./raw.js')
  const body = (limit: number) => `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><moveClock xmlns="urn:ovmcli:farm:1"><advanceMs>${limit}</advanceMs><rate xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:nil="1"/></moveClock></e:Body></e:Envelope>`
  expect((await post(served.port, body(1), headers)).status).toBe(200)
  expect((await post(served.port, body(1), headers)).status).toBe(200)
  expect(await post(served.port, body(2), headers)).toMatchObject({ status: 500, code: 'usage.request-key' })
  expect(played.effects('moveClock')).toBe(1)
})

it('on a farm: a run whose answers are lost is begun once, also by a manager that was started anew; the report of a dry run is not lost with its answer', async () => {
  const farm = new Session('figure-8')
  const manager = await openManager({ home: join(farm.home, 'ovm'), farm: null })
  const target = { port: (await serve(manager)).port }
  const anew = (await serve(manager)).port
  const ways: Mischief[] = ['answer-lost', 'answer-halved', 'doubled', 'answer-lost', 'answer-lost', 'doubled']
  const client = clientOf(await mischievous(target, () => {
    const way = ways.shift() ?? 'pass'
    // After the first answer was lost another service asks the same farm: it knows of no call, and the farm knows the key of the run.
    if (ways.length < 5) target.port = anew
    return way
  }), { pausesMs: [1, 1] })
  const principal = { user: 'admin' }
  const order = (dryRun: boolean) => {
    const { policy, selector, options, ...rest } = requestOf('startRun') as unknown as RunRequest
    return { ...rest, options: { ...options, tags: null, details: undefined as unknown }, selector: { ...selector, targets: ['vm1'], narrowing: noNarrowing }, policy: { ...policy, onError: 'continue' as const, maxFailures: null, orderTag: null, dryRun }, requestKey: `farm/${dryRun}` }
  }
  const handle = await client.startRun(order(false))
  let { state, revision } = handle
  while (state === 'running') ({ state, revision } = await client.followRun({ principal, run: handle.run, afterRevision: revision }))
  expect(await client.runReport({ principal, run: handle.run })).toMatchObject({ done: 1, items: [{ name: 'vm1' }] })
  ways.push('answer-lost', 'answer-lost', 'pass', 'answer-lost', 'answer-halved', 'pass')
  const dry = await client.startRun(order(true))
  expect(await client.runReport({ principal, run: dry.run })).toMatchObject({ run: null, total: 1, unchanged: 1 })
  expect(ways).toEqual([])
  const runs = await manager.list({ principal, kind: 'run', narrowing: noNarrowing, columns: ['id', 'done'], sort: null, limit: null, cursor: null })
  expect(JSON.parse(runs.json)).toEqual([{ id: handle.run, done: 1 }])
  await manager.close()
})
