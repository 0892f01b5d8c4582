import { connect as connectPlain, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../src/model/errors.js'
import { callBounds } from '../../src/wsapi/calls.js'
import { encodeFields } from '../../src/wsapi/codec/encode.js'
import { methodCodec } from '../../src/wsapi/codec/methods.js'
import { enveloped } from '../../src/wsapi/envelope.js'
import { envelope, hostileRequests, whoAmI } from './hostile-requests.js'
import { playedManager, requestOf } from './played-manager.js'
import { post } from './raw.js'
import { basic, serve, tls } from './served.js'

function secure(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ca: tls.cert, servername: 'localhost' }, () => resolve(socket))
    socket.on('error', reject)
  })
}

/** All that comes until the other side ends. */
function until(socket: Socket): Promise<string> {
  return new Promise(resolve => {
    let text = ''
    socket.on('data', (data: Buffer) => { text += data.toString() })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}

describe('who asks comes first, then what it asks', () => {
  it('without a login all is 401, whatever is asked and however, and nothing of it reaches the manager', async () => {
    const { manager, asked } = playedManager(1)
    const { port } = await serve(manager)
    for (const [body, path, method] of [[whoAmI, undefined, 'POST'], ['<garbage', undefined, 'POST'], ['', '/OVSWS/FarmServiceSoapHttpPort?WSDL', 'GET'], ['', '/nothing', 'GET']] as const) {
      const answer = await post(port, body, { authorization: null }, path, method)
      expect(answer).toMatchObject({ status: 401, code: 'auth.denied', headers: { 'www-authenticate': 'Basic realm="ovmcli"' } })
    }
    // Nobody who is not known has a body read, however large.
    expect((await post(port, Buffer.alloc(9 * 1024 * 1024, 32), { authorization: null })).status).toBe(401)
    expect(asked).toEqual([])
  })

  it('the manager is told who logged in, and never what a request says', async () => {
    const { manager, asked } = playedManager(1)
    const { port } = await serve(manager, { identify: async () => ({ user: 'mia', password: 'hers' }) })
    expect((await post(port, whoAmI)).status).toBe(200)
    expect(asked).toEqual([{ method: 'whoAmI', request: { principal: { user: 'mia', password: 'hers' } } }])
    const forged = await post(port, envelope('<whoAmI xmlns="urn:ovmcli:farm:1"><principal><user>admin</user></principal></whoAmI>'))
    expect(forged).toMatchObject({ status: 500, code: 'usage.request' })
    expect(asked).toHaveLength(1)
  })

  it('a refusal of the manager is a fault with code, message, hint and details; a defect tells nothing but where to look', async () => {
    const { manager } = playedManager(1)
    const told: [unknown, string][] = []
    manager.whoAmI = () => Promise.reject(new Refusal('vm.state', 'vm1 is <paused>', 'unpause & go on', { list: ['\u0000', ']]>'] }))
    manager.farmStatus = () => Promise.reject(new Error('secret of the inside'))
    const { port, client } = await serve(manager, { onDefect: (error, id) => { told.push([error, id]) } })
    await expect(client().whoAmI({ principal: { user: 'admin' } })).rejects.toMatchObject({ name: 'Refusal', code: 'vm.state', exit: 5, message: 'vm1 is <paused>', hint: 'unpause & go on', details: { list: ['\u0000', ']]>'] } })
    const defect = await post(port, envelope('<farmStatus xmlns="urn:ovmcli:farm:1"/>'))
    expect(defect).toMatchObject({ status: 500, code: 'defect.internal' })
    expect(defect.body).toContain(told[0]![1])
    expect(defect.body).not.toMatch(/secret of the inside|\.ts|\bat /)
  })
})

describe('bounds', () => {
  it('one who is refused while he is still sending hears why', async () => {
    const { port } = await serve(playedManager(1).manager)
    for (const [headers, status] of [[{}, 413], [{ 'content-type': 'application/json' }, 415], [{ authorization: null }, 401]] as const) {
      // Small enough that it is sent in the time that is given to it.
      for (let times = 0; times < 5; times++) expect((await post(port, Buffer.alloc(9 * 1024 * 1024, 32), headers)).status).toBe(status)
    }
  })

  it('a body of 8 MiB is read and one byte more is not, packed or not: 413', async () => {
    const { manager, asked } = playedManager(1)
    const { port } = await serve(manager)
    const filled = (bytes: number) => Buffer.from(whoAmI + ' '.repeat(bytes - whoAmI.length))
    const most = 8 * 1024 * 1024
    expect(await post(port, filled(most))).toMatchObject({ status: 200 })
    expect(await post(port, gzipSync(filled(most)), { 'content-encoding': 'gzip' })).toMatchObject({ status: 200 })
    expect(asked).toHaveLength(2)
    // A bomb of a gigabyte is a megabyte on the wire: only 8 MiB of it are ever unpacked.
    for (const [body, headers] of [[filled(most + 1), {}], [gzipSync(filled(most + 1)), { 'content-encoding': 'gzip' }], [gzipSync(Buffer.alloc(1 << 28)), { 'content-encoding': 'gzip' }]] as const) {
      expect(await post(port, body, headers)).toMatchObject({ status: 413, code: 'manager.request-size' })
    }
    expect(asked).toHaveLength(2)
  })

  it.each(hostileRequests)('%s is answered in order', async (_, body, headers, status, code) => {
    const { manager, asked } = playedManager(1)
    const { port } = await serve(manager, { onDefect: error => { throw error } })
    const answer = await post(port, body, headers)
    expect({ status: answer.status, code: answer.code }).toEqual({ status, code })
    if (status !== 200) expect(asked).toEqual([])
    // Whoever sent it does no harm to the next.
    expect((await post(port, whoAmI)).status).toBe(200)
  })

  it('invalid UTF-8 is refused', async () => {
    const { port } = await serve(playedManager(1).manager)
    expect(await post(port, Buffer.concat([Buffer.from(whoAmI), Buffer.from([0xc3, 0x28])]))).toMatchObject({ status: 400, code: 'usage.request' })
  })

  it('what is not there is 404, however it is written', async () => {
    const { port } = await serve(playedManager(1).manager, { onDefect: error => { throw error } })
    for (const path of ['/', '//', '/OVSWS/', '/OVSWS/NoServiceSoapHttpPort', '/OVSWS/../OVSWS/FarmServiceSoapHttpPort', '/%', '/OVSWS/__proto__SoapHttpPort']) expect((await post(port, whoAmI, {}, path)).status, path).toBe(404)
    expect((await post(port, '', {}, undefined, 'GET')).status).toBe(405)
    expect((await post(port, '', {}, undefined, 'DELETE')).status).toBe(405)
  })

  it('answers are packed for whoever takes gzip', async () => {
    const { port } = await serve(playedManager(1).manager)
    const wsdl = (headers: Record<string, string>) => post(port, '', headers, '/OVSWS/FarmServiceSoapHttpPort?wsdl', 'GET')
    const [plain, packed, refused] = [await wsdl({}), await wsdl({ 'accept-encoding': 'gzip, deflate' }), await wsdl({ 'accept-encoding': 'gzip;q=0' })]
    expect([plain.headers['content-encoding'], packed.headers['content-encoding'], refused.headers['content-encoding']]).toEqual([undefined, 'gzip', undefined])
    expect(Number(packed.headers['content-length'])).toBeLessThan(Number(plain.headers['content-length']) / 4)
  })

  it('who is silent, or slow, is let go: before TLS, in the head and in the body; and others are answered meanwhile', async () => {
    const { port } = await serve(playedManager(1).manager, {}, { handshakeMs: 300, headersMs: 300, requestMs: 600, idleMs: 300 })
    const head = 'POST /OVSWS/FarmServiceSoapHttpPort HTTP/1.1\r\nHost: x\r\n'
    const saying = async (said: string) => {
      const socket = await secure(port)
      const ended = until(socket)
      socket.write(said)
      return ended
    }
    const ends = Promise.all([until(connectPlain(port, '127.0.0.1')), saying(`${head}X-`), saying(`${head}Authorization: Basic YWRtaW46eA==\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n<e`), saying('')])
    expect((await post(port, whoAmI)).status).toBe(200)
    const [, headSaid, bodySaid] = await ends
    expect(headSaid).toContain('408')
    expect(bodySaid).toMatch(/408|^$/)
  })

  it('who is let go is not held by not ending his side', async () => {
    const { port, server } = await serve(playedManager(1).manager, {}, { handshakeMs: 300, headersMs: 300, requestMs: 300, idleMs: 300 })
    const silent = await Promise.all(['', 'POST / HTTP/1.1\r\nX-', 'no HTTP at all\r\n\r\n', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`].map(async said => {
      const socket = await secure(port)
      // It neither reads nor closes.
      socket.pause().write(said)
      return socket
    }))
    const plain = await new Promise<Socket>(resolve => { const socket = connectPlain({ port, host: '127.0.0.1', allowHalfOpen: true }, () => resolve(socket)) })
    plain.pause().on('error', () => {})
    const held = () => new Promise<number>((resolve, reject) => { server.server.getConnections((error, count) => (error ? reject(error) : resolve(count))) })
    expect(await held()).toBeGreaterThan(0)
    await expect.poll(held, { timeout: 30_000 }).toBe(0)
    for (const socket of [...silent, plain]) socket.destroy()
  })

  it('what a connection is let go for is told of, with its address', async () => {
    const { manager } = playedManager(1)
    const told: [string, string][] = []
    const { port } = await serve(manager, {}, { handshakeMs: 300, headersMs: 300, perAddress: 3, onUnserved: (why, address) => told.push([why, address]) })
    const garbage = async (text: string) => { const socket = connectPlain(port, '127.0.0.1'); socket.write(text); await until(socket) }
    const saying = async (text: string) => { const socket = await secure(port); const ended = until(socket); socket.write(text); await ended }
    await garbage('GET / HTTP/1.1\r\n\r\n')
    await until(connectPlain(port, '127.0.0.1'))
    await saying('')
    await saying('no HTTP at all\r\n\r\n')
    await saying(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`)
    // Who comes and goes without a word, as what looks whether a port is open does, is no trouble.
    await new Promise<void>(resolve => { const socket = connectPlain(port, '127.0.0.1', () => socket.end(resolve)) })
    const held = await Promise.all([secure(port), secure(port), secure(port)])
    await expect(secure(port)).rejects.toThrow()
    for (const socket of held) socket.destroy()
    expect(told).toEqual([['no-tls', '127.0.0.1'], ['silent', '127.0.0.1'], ['slow', '127.0.0.1'], ['no-http', '127.0.0.1'], ['head-size', '127.0.0.1'], ['too-many-of-one', '127.0.0.1']])
  })

  it('who does not take his answer is let go, and who takes it slowly is not', async () => {
    // More than systems keep for one who does not read.
    const text = 'x'.repeat(64 * 1024 * 1024)
    const { manager } = playedManager(1)
    manager.suggest = async () => [text]
    const { port, client } = await serve(manager, { bounds: { untakenMs: 1_000 } })
    const body = enveloped('suggest', encodeFields(methodCodec('suggest').request.fields, requestOf('suggest')))
    const asking = async () => {
      const socket = await secure(port)
      socket.pause().write(`POST /OVSWS/FarmServiceSoapHttpPort HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('mallory')}\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
      return socket
    }
    const never = await asking()
    const gone = new Promise<void>(resolve => { never.on('close', resolve) })
    const slow = await asking()
    let taken = 0
    const whole = new Promise<number>(resolve => {
      slow.on('close', () => resolve(taken))
      // A little at a time, so that all of it takes longer than one may be silent.
      const take = () => {
        taken += (slow.read() as Buffer | null)?.length ?? 0
        if (taken > text.length) slow.destroy()
        else setTimeout(take, 1)
      }
      take()
    })
    // Others are answered meanwhile.
    expect((await client().whoAmI({ principal: { user: 'alice' } })) !== null).toBe(true)
    expect(await whole).toBeGreaterThan(text.length)
    never.resume()
    await gone
  })

  it('one user has so many calls under way and no more, from their first byte on; others are answered', async () => {
    const { manager } = playedManager(1)
    const { port } = await serve(manager, { bounds: { calls: { ...callBounds, underWay: 3 } } })
    const held = await Promise.all([1, 2, 3].map(async () => {
      const socket = await secure(port)
      socket.write(`POST /OVSWS/FarmServiceSoapHttpPort HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('mallory')}\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n<e`)
      return socket
    }))
    await expect.poll(() => post(port, whoAmI, { authorization: basic('mallory') }).then(({ status, code }) => [status, code])).toEqual([503, 'manager.busy'])
    expect((await post(port, whoAmI, { authorization: basic('alice') })).status).toBe(200)
    for (const socket of held) socket.destroy()
    await expect.poll(() => post(port, whoAmI, { authorization: basic('mallory') }).then(({ status }) => status)).toBe(200)
  })

  it('when bodies take too much room, the oldest of whoever has most is given up: 503', async () => {
    const { manager } = playedManager(1)
    const { port } = await serve(manager, { bounds: { bodiesBytes: 1024 * 1024 } })
    const holding = async (user: string, bytes: number) => {
      const socket = await secure(port)
      const ended = until(socket)
      socket.write(`POST /OVSWS/FarmServiceSoapHttpPort HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(user)}\r\nContent-Type: text/xml\r\nContent-Length: ${bytes + 1}\r\n\r\n${' '.repeat(bytes)}`)
      return { socket, ended }
    }
    const first = await holding('mallory', 500_000)
    const big = Buffer.from(whoAmI + ' '.repeat(400_000 - whoAmI.length))
    expect((await post(port, big, { authorization: basic('alice') })).status).toBe(200)
    const second = await holding('mallory', 600_000)
    expect(await first.ended).toMatch(/^HTTP\/1.1 503[^]*manager\.busy/)
    expect((await post(port, big, { authorization: basic('alice') })).status).toBe(200)
    for (const { socket } of [first, second]) socket.destroy()
  })

  it('one address has so many connections and no more; others are not kept out by those that are silent', async () => {
    const { port } = await serve(playedManager(1).manager, {}, { perAddress: 5 })
    const held = await Promise.all(Array.from({ length: 5 }, () => secure(port)))
    await expect(secure(port)).rejects.toThrow()
    const [first] = held
    const ended = until(first!)
    first!.destroy()
    await ended
    // The place is free again once the server has seen the end.
    await expect.poll(() => post(port, whoAmI).then(answer => answer.status, () => 0)).toBe(200)
    for (const socket of held) socket.destroy()
  })

  it('500 silent connections hold nobody up', async () => {
    const { port } = await serve(playedManager(1).manager, {}, { perAddress: 600 })
    const silent = await Promise.all(Array.from({ length: 500 }, () => new Promise<Socket>(resolve => {
      const socket = connectPlain(port, '127.0.0.1', () => resolve(socket))
      socket.on('error', () => {})
    })))
    expect((await post(port, whoAmI)).status).toBe(200)
    for (const socket of silent) socket.destroy()
  })

  it('whoever is stopped finishes the calls that are under way, and takes no more', async () => {
    let release = () => {}
    const begun = new Promise<void>(resolve => { release = resolve })
    let answer = () => {}
    const held = new Promise<void>(resolve => { answer = resolve })
    const { manager } = playedManager(1, async method => {
      if (method !== 'moveClock') return
      release()
      await held
    })
    const { port, service, server, client } = await serve(manager)
    const slow = client().moveClock(requestOf('moveClock') as never)
    await begun
    const socket = await secure(port)
    const unfinished = until(socket)
    await new Promise<void>(resolve => { socket.write(`POST /OVSWS/FarmServiceSoapHttpPort HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('admin')}\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n<e`, () => resolve()) })
    expect((await post(port, whoAmI)).status).toBe(200)
    const drained = service.drain(10_000)
    expect(await post(port, whoAmI)).toMatchObject({ status: 503, code: 'manager.busy' })
    server.retire()
    answer()
    await slow
    expect(await drained).toBe(true)
    // What had not come in by then is no call.
    expect(await unfinished).toContain('HTTP/1.1 503')
    await expect(post(port, whoAmI)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('whoever is stopped does not wait for clients that wait no more', async () => {
    let release = () => {}
    const begun = new Promise<void>(resolve => { release = resolve })
    const { manager } = playedManager(1, method => {
      if (method !== 'waitForVms') return Promise.resolve()
      release()
      return new Promise(() => {})
    })
    const { service, client } = await serve(manager)
    const impatient = client({ pausesMs: [] })
    const waiting = impatient.waitForVms(requestOf('waitForVms') as never)
    await begun
    await impatient.close()
    await expect(waiting).rejects.toMatchObject({ code: 'manager.unreachable' })
    expect(await service.drain(5_000)).toBe(true)
  })

  it('a wait that nobody asks for any more is told of, by its request', async () => {
    let begun: (request: object) => void = () => {}
    const held = new Promise<object>(resolve => { begun = resolve })
    const { manager } = playedManager(1)
    manager.waitForVms = request => {
      begun(request)
      return new Promise(() => {})
    }
    let told: (request: object) => void = () => {}
    const abandoned = new Promise<object>(resolve => { told = resolve })
    const { client } = await serve(manager, { onAbandoned: request => told(request), bounds: { calls: { ...callBounds, abandonedMs: 1 } } })
    const impatient = client({ pausesMs: [] })
    const waiting = impatient.waitForVms(requestOf('waitForVms') as never)
    const request = await held
    await impatient.close()
    await expect(waiting).rejects.toMatchObject({ code: 'manager.unreachable' })
    expect(await abandoned).toBe(request)
  })

  it('whoever awaits a change is let go with his connection, and the manager is asked once for all', async () => {
    const { manager } = playedManager(1)
    let polls = 0
    let stopped = () => {}
    const stop = new Promise<void>(resolve => { stopped = resolve })
    const standing = { revision: 'r1', changed: false, farm: 'f', time: 't' }
    manager.awaitChange = async ({ waitMs }) => {
      if (waitMs === 0) return standing
      polls++
      await stop
      return standing
    }
    manager.stopAwaiting = async () => stopped()
    const { client } = await serve(manager)
    const clients = [client(), client(), client()]
    const waits = clients.map(one => one.awaitChange({ principal: { user: 'admin' }, afterRevision: 'r1', waitMs: 60_000 }))
    await expect.poll(() => polls).toBe(1)
    await Promise.all(clients.map(one => one.stopAwaiting({ principal: { user: 'admin' } })))
    expect(await Promise.all(waits)).toEqual([standing, standing, standing])
    // Nobody waits any more, so the manager was let go too.
    await stop
    expect(polls).toBe(1)
  })
})
