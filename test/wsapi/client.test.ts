import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { portMethods, wireMethods } from '../../src/contract/wire/port.js'
import { methodCodec } from '../../src/wsapi/codec/methods.js'
import { farmPath } from '../../src/wsapi/paths.js'
import { readCall } from '../../src/wsapi/service.js'
import { answered, call, host, mocked } from './mocked-manager.js'
import { playedManager, requestOf } from './played-manager.js'
import { valueOf } from './values.js'

const { answers } = playedManager(7)

it('the client has every call of the port, and what of the port stays on this side', () => {
  expect(Object.keys(mocked([]).client).sort()).toEqual([...Object.keys(portMethods), 'close', 'stopAwaiting'].sort())
})

describe('a call goes out once, with these headers and no others, and its answer comes back', () => {
  it.each(wireMethods)('%s', async method => {
    const { client, sent } = mocked([answered(method, answers[method])])
    expect(await call(client, method, requestOf(method))).toEqual(answers[method])
    const [{ path, headers, body }] = sent as [typeof sent[number]]
    const { connection: _, 'ovmcli-call': key, ...others } = headers
    expect(path).toBe(farmPath)
    expect(others).toEqual({
      host, authorization: 'Bearer a-token-of-nobody', accept: 'text/xml', 'accept-encoding': 'gzip', 'content-type': 'text/xml; charset=utf-8', 'content-length': String(Buffer.byteLength(body)), soapaction: `"urn:ovmcli:farm:1#${method}"`, 'ovmcli-contract': '1',
      ...(method === 'awaitChange' ? {} : { prefer: 'wait=15' }),
    })
    // Who awaits a change is to be let go with his connection, and has no key.
    if (method === 'awaitChange') expect(key).toBeUndefined()
    else expect(key).toMatch(/^[0-9a-f-]{36}$/)
    const { principal: __, ...request } = requestOf(method)
    expect(readCall(body, headers['ovmcli-contract'])).toEqual({ method, request })
  })
})

it('whatever is asked, the manager reads the same out of it, and nothing of who asks: that stands in one header', async () => {
  const any = fc.constantFrom(...wireMethods).chain(method => fc.tuple(fc.constant(method), valueOf(methodCodec(method).request)))
  await fc.assert(fc.asyncProperty(any, async ([method, request]) => {
    const { client, sent } = mocked([answered(method, answers[method])])
    await call(client, method, { principal: { user: 'somebody-who-asks', password: 'a secret of his' }, ...(method === 'awaitChange' ? { ...(request as object), waitMs: 0 } : (request as object)) })
    const { body, headers } = sent[0]!
    expect(readCall(body, '1')).toEqual({ method, request: method === 'awaitChange' ? { ...(request as object), waitMs: 0 } : request })
    expect(body + JSON.stringify(headers)).not.toMatch(/somebody-who-asks|a secret of his/)
  }), { numRuns: 200 })
})

describe('gzip', () => {
  const ask = { principal: { user: 'admin' }, kind: 'vm' as const, columns: null }
  const names = (count: number) => Array.from({ length: count }, (_, at) => `guest-number-${at}`)
  const url = (at: string) => ({ url: `https://${at}:4443${farmPath}` })

  it('packs a long request for a manager elsewhere, and no short one', async () => {
    const { client, sent } = mocked([answered('show', answers.show), answered('show', answers.show)])
    for (const count of [3, 1_000]) await client.show({ ...ask, names: names(count) })
    expect(sent.map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip'])
    expect(Number(sent[1]!.headers['content-length'])).toBeLessThan(sent[1]!.body.length / 2)
    expect(readCall(sent[1]!.body, '1').request).toMatchObject({ names: names(1_000) })
  })

  it('reads an answer that is packed', async () => {
    const { gzipSync } = await import('node:zlib')
    const { body } = answered('show', answers.show)
    const { client } = mocked([{ headers: { 'content-type': 'text/xml', 'content-encoding': 'gzip', 'ovmcli-contract': '1' }, body: gzipSync(String(body)) }])
    expect(await client.show({ ...ask, names: [] })).toEqual(answers.show)
  })

  it.each(['localhost', '127.0.0.1', '[::1]'])('neither packs nor asks for packing on the machine itself (%s)', async at => {
    const { default: nock } = await import('nock')
    const seen: Record<string, string>[] = []
    nock(`https://${at}:4443`).post(farmPath).reply(function () {
      seen.push(this.req.headers as unknown as Record<string, string>)
      const { body } = answered('show', answers.show)
      return [200, String(body), { 'content-type': 'text/xml' }]
    })
    await mocked([], url(at)).client.show({ ...ask, names: names(1_000) })
    expect(seen.map(headers => [headers['accept-encoding'], headers['content-encoding']])).toEqual([[undefined, undefined]])
  })
})

it('who asks is looked up for every attempt, so that a login that was renewed meanwhile is used', async () => {
  let count = 0
  const { client, sent } = mocked([{ status: 202 }, { cut: '<e' }, answered('whoAmI', answers.whoAmI)], { authorization: async () => `Bearer login-${++count}` })
  await client.whoAmI({ principal: { user: 'admin' } })
  expect(sent.map(({ headers }) => headers['authorization'])).toEqual(['Bearer login-1', 'Bearer login-2', 'Bearer login-3'])
})

it('the patience that is asked for is half of the silence that is borne, a second at least and twenty at most', async () => {
  for (const [timeoutMs, wait] of [[1_900, 1], [10_000, 5], [60_000, 20], [600_000, 20]] as const) {
    const { client, sent } = mocked([answered('whoAmI', answers.whoAmI)], { timeoutMs })
    await client.whoAmI({ principal: { user: 'admin' } })
    expect(sent[0]!.headers['prefer'], String(timeoutMs)).toBe(`wait=${wait}`)
  }
})
