import { createServer as createPlain } from 'node:http'
import { createServer } from 'node:https'
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent } from 'node:https'
import { createServer as createTls } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { silenceFor } from '../../src/cli/reach.js'
import { farmSpace } from '../../src/wsapi/envelope.js'
import { clientOf, tls } from './served.js'

const closers: (() => void)[] = []
afterEach(() => { for (const close of closers.splice(0)) close() })

type Answer = (req: IncomingMessage, res: ServerResponse) => void

/** A server of our certificate that answers as it likes; its port. */
async function hostile(answer: Answer): Promise<number> {
  const server = createServer(tls, (req, res) => { req.resume().on('end', () => answer(req, res)) })
  closers.push(() => { server.closeAllConnections(); server.close() })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  return (server.address() as AddressInfo).port
}

const xml = (body: string, status = 200, headers = {}): Answer => (_, res) => { res.writeHead(status, { 'content-type': 'text/xml; charset=utf-8', ...headers }).end(body) }
const envelope = (body: string) => `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${body}</e:Body></e:Envelope>`
const suggested = (inside: string) => envelope(`<suggestResponse xmlns="${farmSpace}">${inside}</suggestResponse>`)
const ask = (port: number, given = {}) => clientOf(port, { pausesMs: [1, 1], timeoutMs: 2_000, ...given }).suggest({ principal: { user: 'admin' }, kind: 'vm', prefix: '', limit: 5 })

describe('an answer that is none of ours has a code of its own', () => {
  it.each<[string, Answer, string, number]>([
    ['a web page', (_, res) => { res.writeHead(200, { 'content-type': 'text/html' }).end('<html>') }, 'manager.answer', 8],
    ['an error page', (_, res) => { res.writeHead(502, { 'content-type': 'text/html' }).end('<html>') }, 'manager.http', 8],
    ['a redirection', (_, res) => { res.writeHead(302, { location: 'https://elsewhere.invalid/' }).end() }, 'manager.http', 8],
    ['nothing there', (_, res) => { res.writeHead(404).end() }, 'manager.http', 8],
    ['a refusal without a word', (_, res) => { res.writeHead(401).end() }, 'auth.denied', 4],
    ['no content type', (_, res) => { res.writeHead(200).end(suggested('<result/>')) }, 'manager.answer', 8],
    ['the answer to another call', xml(envelope(`<whoAmIResponse xmlns="${farmSpace}"/>`)), 'manager.answer', 8],
    ['the answer of another service', xml(envelope('<hello xmlns="urn:other"/>')), 'manager.answer', 8],
    ['a fault of another service', xml(envelope('<e:Fault><faultcode>e:Server</faultcode><faultstring>no</faultstring></e:Fault>'), 500), 'manager.http', 8],
    ['a fault with a code of the future', xml(envelope(`<e:Fault><faultcode>e:Client</faultcode><faultstring>no</faultstring><detail><fault xmlns="${farmSpace}"><code>vm.levitates</code><message>m</message><hint/><details>null</details></fault></detail></e:Fault>`), 500), 'manager.version', 8],
    ['a newer contract in the namespace', xml(envelope('<suggestResponse xmlns="urn:ovmcli:farm:2"><result/></suggestResponse>')), 'manager.version', 8],
    ['a newer contract in the header', xml(suggested('<result/>'), 200, { 'ovmcli-contract': '2' }), 'manager.version', 8],
    ['an older contract in the header', xml(suggested('<result/>'), 200, { 'ovmcli-contract': '0' }), 'manager.version', 8],
    ['half a document', xml(suggested('<result/>').slice(0, -20)), 'manager.answer', 8],
    ['a document without its result', xml(suggested('')), 'manager.answer', 8],
    ['a result of another shape', xml(suggested('<result><item><x/></item></result>')), 'manager.answer', 8],
    ['an entity bomb', xml(`<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>${suggested('<result><item>&b;</item></result>')}`), 'manager.answer', 8],
    ['elements without end', xml(envelope('<a>'.repeat(300_000))), 'manager.answer', 8],
    ['garbage', xml('\u0000\u0001\u0002'), 'manager.answer', 8],
    ['a bomb of gzip', (_, res) => { res.writeHead(200, { 'content-type': 'text/xml', 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(140 * 1024 * 1024, 32), { level: 9 })) }, 'manager.answer-size', 8],
    ['more than is announced to be read', (_, res) => { res.writeHead(200, { 'content-type': 'text/xml', 'content-length': String(1e12) }).flushHeaders() }, 'manager.answer-size', 8],
    ['a coding that nobody asked for', xml('x', 200, { 'content-encoding': 'br' }), 'manager.answer', 8],
    ['not UTF-8', (_, res) => { res.writeHead(200, { 'content-type': 'text/xml' }).end(Buffer.from([0xff, 0xfe, 60])) }, 'manager.answer', 8],
    ['a head without end', (req, res) => { void res; req.socket.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`) }, 'manager.answer', 8],
    ['a body that stops in the middle', (req, res) => { res.writeHead(200, { 'content-type': 'text/xml', 'content-length': '100' }); res.write('<e'); setImmediate(() => req.socket.destroySoon()) }, 'manager.answer', 8],
  ])('%s', async (_, answer, code, exit) => {
    const refusal: unknown = await ask(await hostile(answer)).then(() => null, (error: unknown) => error)
    expect(refusal).toMatchObject({ name: 'Refusal', code, exit })
    // The words of a stranger are not ours, and no secret of ours is in them.
    expect((refusal as Error).message.length).toBeLessThan(400)
    expect(JSON.stringify(refusal) + (refusal as Error).message).not.toMatch(/YWRtaW46|Basic/)
  })
})

it('what a newer manager adds to an answer is passed over', async () => {
  const port = await hostile(xml(suggested('<news><deep><er/></deep></news><result><item>vm1</item><other/></result><more/>')))
  expect(await ask(port)).toEqual(['vm1'])
})

it('a server that takes a request and is silent, or drips its answer for ever, is given up in time', async () => {
  const timeoutMs = 300
  const silent = await hostile(() => {})
  // One that does not even speak TLS: a port that takes connections, and no more.
  const mute = createTcp(socket => { closers.push(() => socket.destroy()) })
  await new Promise<void>(resolve => { mute.listen(0, '127.0.0.1', resolve) })
  closers.push(() => mute.close())
  for (const port of [silent, (mute.address() as AddressInfo).port]) await expect(ask(port, { timeoutMs, pausesMs: [] })).rejects.toMatchObject({ code: 'manager.unreachable', message: expect.stringContaining('silent') as unknown })
  const dripping = await hostile((_, res) => {
    res.writeHead(200, { 'content-type': 'text/xml' })
    const timer = setInterval(() => res.write(' '), 20)
    closers.push(() => clearInterval(timer))
  })
  await expect(ask(dripping, { timeoutMs, pausesMs: [] })).rejects.toMatchObject({ code: 'manager.answer', message: expect.stringContaining('too slowly') as unknown })
  const heads = createTls(tls, socket => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => socket.write('x: y\r\n'), 20)
    closers.push(() => { clearInterval(timer); socket.destroy() })
  })
  await new Promise<void>(resolve => { heads.listen(0, '127.0.0.1', resolve) })
  closers.push(() => heads.close())
  await expect(ask((heads.address() as AddressInfo).port, { timeoutMs, pausesMs: [] })).rejects.toMatchObject({ code: 'manager.answer', message: expect.stringContaining('too slowly') as unknown })
})

it('who is silent is asked once more, for the connection may have died unnoticed, and then given up, however often others are asked', async () => {
  let asked = 0
  const port = await hostile(() => { asked++ })
  await expect(ask(port, { timeoutMs: 100, pausesMs: [1, 1, 1, 1, 1] })).rejects.toMatchObject({ code: 'manager.unreachable' })
  expect(asked).toBe(2)
  expect([1, 2_000, 20_000, 60_000, 3_600_000].map(silenceFor)).toEqual([2_500, 2_500, 10_000, 30_000, 30_000])
})

it('plain HTTP where TLS should be, a certificate that is not trusted, another host, no host: each is told apart', async () => {
  const plain = createPlain((_, res) => { res.end('hello') })
  const speaks = createTcp((socket: Socket) => { socket.on('error', () => {}); socket.end('220 mail ready\r\n') })
  for (const server of [plain, speaks]) {
    await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
    closers.push(() => server.close())
    await expect(ask((server.address() as AddressInfo).port)).rejects.toMatchObject({ code: 'manager.plain', exit: 8 })
  }
  const port = await hostile(xml(suggested('<result/>')))
  const distrusting = new Agent({})
  await expect(ask(port, { agent: distrusting })).rejects.toMatchObject({ code: 'manager.certificate', exit: 8 })
  const elsewhere = new Agent({ ca: tls.cert, servername: 'elsewhere.example' })
  await expect(ask(port, { agent: elsewhere })).rejects.toMatchObject({ code: 'manager.certificate' })
  await expect(ask(port, { url: 'https://no-such-host.invalid:4443/OVSWS/FarmServiceSoapHttpPort' })).rejects.toMatchObject({ code: 'manager.unreachable' })
  for (const agent of [distrusting, elsewhere]) agent.destroy()
})

it('a request that is larger than a manager reads is not sent', async () => {
  const port = await hostile(() => { throw new Error('it was sent') })
  const big = Array.from({ length: 3_000 }, (_, at) => `${'x'.repeat(4_000)}${at}`)
  await expect(clientOf(port).show({ principal: { user: 'admin' }, kind: 'vm', names: big, columns: null })).rejects.toMatchObject({ code: 'manager.request-size', exit: 2 })
})
