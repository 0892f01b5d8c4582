import { Agent } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { oracleServices } from '../../src/wsapi/oracle/operations.js'
import { farmPath, portOf, servicePath } from '../../src/wsapi/paths.js'
import { hostileTimes } from '../hostile-times.js'
import { knock, tally, type Knocked } from '../knock.js'
import { basic, password, ServedFarm } from '../served-manager.js'
import type { Running } from '../session.js'
import { hostileDocument } from '../wsapi/hostile-documents.js'
import { hostileRequests, whoAmI } from '../wsapi/hostile-requests.js'

const mostBytes = 8 * 1024 * 1024

describe('hostile requests of somebody who is logged in', () => {
  let farm: ServedFarm
  let manager: Running
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const { authorization } = basic('admin', password)
  const post = (body: string | Buffer, headers: Record<string, string | null> = {}, path = farmPath): Promise<Knocked> =>
    knock(farm.url, { path, body, agent, headers: Object.fromEntries(Object.entries({ 'content-type': 'text/xml; charset=utf-8', authorization, ...headers }).filter((entry): entry is [string, string] => entry[1] !== null)) })
  const residentMiB = async () => (await farm.metric('process_resident_memory_bytes')) / 1024 / 1024

  /** A connection that says what it is told, and what came back before it was closed. */
  const say = (said: string | Buffer, then: (socket: TLSSocket) => void = () => {}): Promise<string> => new Promise(resolve => {
    let heard = ''
    const socket = connect({ port: Number(new URL(farm.url).port), host: '127.0.0.1', rejectUnauthorized: false }, () => { socket.write(said, () => then(socket)) })
    socket.on('data', (data: Buffer) => { heard += data.toString() })
    socket.on('error', () => {})
    socket.on('close', () => resolve(heard))
  })
  const head = (length: string) => `POST ${farmPath} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: text/xml\r\n${length}\r\n\r\n`

  /** The calls that the log tells of from a moment on, once there are so many. */
  let told = 0
  const calls = async (count: number): Promise<{ status: number; code: string | null; method: string | null }[]> => {
    const log = await manager.said(/"event":"call"/, told + count)
    const lines = log.split('\n').filter(line => line.includes('"event":"call"')).slice(told, told + count)
    told += count
    return lines.map(line => JSON.parse(line) as { status: number; code: string | null; method: string | null })
  }

  beforeAll(async () => {
    farm = new ServedFarm('figure-8')
    manager = await farm.serve()
    expect((await post(whoAmI)).status).toBe(200)
    await calls(1)
  })
  afterAll(() => agent.destroy())

  it('that are wrong in some way are answered as the contract says, each is logged, and the next is served', async () => {
    for (const [what, body, headers, status, code] of hostileRequests) {
      expect(await post(body, headers), what).toMatchObject({ status, code })
      expect((await calls(1))[0], what).toMatchObject({ status, code })
    }
    expect(await post(Buffer.concat([Buffer.from(whoAmI), Buffer.from([0xc3, 0x28])]))).toMatchObject({ status: 400, code: 'usage.request' })
    expect((await post(whoAmI, {}, '/OVSWS/NoServiceSoapHttpPort')).status).toBe(404)
    expect((await calls(2)).map(({ status }) => status)).toEqual([400, 404])
    expect((await post(whoAmI)).status).toBe(200)
    await calls(1)
  })

  it('that are too large are 413, packed or not, and 8 MiB are read', async () => {
    const filled = (bytes: number) => Buffer.from(whoAmI + ' '.repeat(bytes - whoAmI.length))
    expect((await post(filled(mostBytes))).status).toBe(200)
    for (const [body, headers] of [[filled(mostBytes + 1), {}], [gzipSync(filled(mostBytes + 1)), { 'content-encoding': 'gzip' }], [gzipSync(Buffer.alloc(1 << 27)), { 'content-encoding': 'gzip' }]] as const) expect(await post(body, headers)).toMatchObject({ status: 413, code: 'manager.request-size' })
    expect((await calls(4)).map(({ status, code }) => [status, code])).toEqual([[200, null], ...Array.from({ length: 3 }, () => [413, 'manager.request-size'])])
  })

  it('in pieces of a byte take no more room than in one', async () => {
    const before = await residentMiB()
    const pieces = Math.min(500_000 * hostileTimes, 8_000_000)
    const answer = say(head('Transfer-Encoding: chunked'), async socket => {
      const some = '1\r\n \r\n'.repeat(50_000)
      for (let sent = 0; sent < pieces; sent += 50_000) if (!socket.write(some)) await new Promise(resolve => { socket.once('drain', resolve) })
      socket.end(`${whoAmI.length.toString(16)}\r\n${whoAmI}\r\n0\r\n\r\n`)
    })
    expect(await answer).toMatch(/^HTTP\/1\.1 200/)
    await calls(1)
    expect((await residentMiB()) - before).toBeLessThan(60)
  })

  it('that break off, or are no HTTP, are let go, and nobody hears of them but the log', async () => {
    const cut = [head('Content-Length: 100'), `${head('Content-Length: 1000')}${whoAmI}`, `${head('Transfer-Encoding: chunked')}5\r\n<e:E`]
    for (const said of cut) expect(await say(said, socket => setImmediate(() => socket.destroy()))).toBe('')
    expect((await calls(3)).map(({ status, code }) => [status, code])).toEqual(cut.map(() => [400, 'usage.request']))
    for (const [said, answer] of [[`${head('Content-Length: 3, 4')}abcd`, /^HTTP\/1\.1 400/], [`${head('Content-Length: 4\r\nTransfer-Encoding: chunked')}0\r\n\r\n`, /^HTTP\/1\.1 400/], ['GET / HTTP/9.9\r\n\r\n', /^HTTP\/1\.1 400/], [`GET / HTTP/1.1\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431/], [Buffer.from(Array.from({ length: 2_000 }, (_, at) => (at * 7_919) % 251)), /^HTTP\/1\.1 400/]] as const) {
      const heard = await say(said)
      expect(heard, String(said).slice(0, 60)).toMatch(answer)
      expect(heard).not.toMatch(/Error|\.ts|node_modules/)
    }
    await manager.said(/"event":"connection.unserved","why":"no-http"/)
    await manager.said(/"event":"connection.unserved","why":"head-size"/)
  })

  it('that come in one go on a connection are answered in order', async () => {
    const one = `${head(`Content-Length: ${whoAmI.length}`)}${whoAmI}`
    const answers = (await say(one.repeat(100) + one.replace('Host: x', 'Host: x\r\nConnection: close'))).match(/HTTP\/1\.1 \d+/g)
    expect(answers).toEqual(Array.from({ length: 101 }, () => 'HTTP/1.1 200'))
    await calls(101)
  })

  it(`that no grammar made are answered in order: ${200 * hostileTimes} documents, by every service`, async () => {
    const paths = [farmPath, ...Object.keys(oracleServices).map(name => `${servicePath}${portOf(name)}`)]
    const documents = fc.sample(hostileDocument, { numRuns: 200 * hostileTimes, seed: Number(process.env['OVMCLI_FUZZ_SEED'] ?? 20_101) })
    const answers: Knocked[] = []
    const before = await residentMiB()
    let next = 0
    // As many at once as there are connections. What waits for guests that never come to it is told after a while that it is under way.
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let at = next++; at < documents.length; at = next++) answers.push(await post(documents[at]!, { 'ovmcli-call': `document-${at}`, prefer: 'wait=2' }, paths[at % 8 < 3 ? 1 + ((at >> 3) % (paths.length - 1)) : 0]))
    }))
    const counts = tally(answers)
    expect(Object.keys(counts).filter(each => !/^(200 null|202 null|500 |503 manager\.busy|400 usage\.request)/.test(each) || each.includes('defect'))).toEqual([])
    expect(counts['500 usage.request']).toBeGreaterThan(documents.length / 3)
    expect((await calls(documents.length)).filter(({ status }) => status === 0)).toEqual([])
    expect((await residentMiB()) - before).toBeLessThan(200)
    if (hostileTimes > 1) console.log(counts, `${Math.round(await residentMiB())} MiB`)
  })

  it('leave the manager as it was: it is the same process, without a defect', async () => {
    expect(farm.json('manager status')).toMatchObject({ state: 'served', pid: manager.pid })
    manager.signal('SIGTERM')
    const { exit, stderr } = await manager.ended
    expect(exit).toBe(0)
    expect(stderr.split('\n').filter(line => line.includes('"level":"error"'))).toEqual([])
    expect(stderr).not.toContain(password)
  })
})
