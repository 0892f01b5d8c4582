import { connect as connectPlain, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { afterAll, describe, it } from 'vitest'
import { hostileTimes } from '../hostile-times.js'
import { ServedFarm } from '../served-manager.js'

const sockets: Socket[] = []
afterAll(() => { for (const socket of sockets) socket.destroy() })

interface Peer { socket: Socket; closed: Promise<void> }

/** A connection from an address of this machine, with TLS or without; `holds`: it neither reads nor ends its side. */
function open(url: string, from: string, { tls, holds = false }: { tls: boolean; holds?: boolean }): Promise<Peer> {
  const way = { port: Number(new URL(url).port), host: '127.0.0.1', localAddress: from }
  return new Promise((resolve, reject) => {
    const there = () => resolve({ socket, closed })
    const socket: Socket = tls ? connect({ ...way, rejectUnauthorized: false }, there) : connectPlain(way, there)
    const closed = new Promise<void>(ended => { socket.on('close', () => ended()) })
    socket.on('error', reject)
    if (holds) socket.pause()
    else socket.resume()
    sockets.push(socket)
  })
}

/** Addresses of this machine, each with no more than a hundred of them: one address has 256 connections. */
function addresses(count: number, net: number): string[] {
  return Array.from({ length: count }, (_, at) => `127.0.${net}.${1 + Math.floor(at / 100)}`)
}

/** Lines of the log of an event. */
function lines(log: string, event: string): Record<string, unknown>[] {
  return log.trimEnd().split('\n').map(line => JSON.parse(line) as Record<string, unknown>).filter(line => line['event'] === event)
}

describe.concurrent('connections that say nothing', () => {
  it('are a thousand, half of them behind TLS, and commands are answered meanwhile; in ten seconds all are let go, those too that never end their side', async ({ expect }) => {
    const farm = new ServedFarm('figure-8')
    const manager = await farm.serve()
    farm.logIn()
    const before = await farm.metric('process_resident_memory_bytes')
    const silent = await Promise.all(addresses(500 * hostileTimes, 2).map(from => open(farm.url, from, { tls: false })))
    silent.push(...await Promise.all(addresses(500 * hostileTimes, 3).map(from => open(farm.url, from, { tls: true }))))
    let gone = 0
    for (const { closed } of silent) void closed.then(() => { gone++ })
    // Those that begin a request and do not go on, a byte now and then or none, and those that say what is no HTTP.
    const slow = await Promise.all(addresses(20, 4).map(from => open(farm.url, from, { tls: true, holds: true })))
    for (const { socket } of slow) socket.write('POST /OVSWS/FarmServiceSoapHttpPort HTTP/1.1\r\nHost: x\r\nX-')
    const dripping = setInterval(() => { for (const { socket } of slow.slice(0, 10)) if (socket.writable) socket.write('y') }, 500)
    const strangers = await Promise.all(addresses(20, 5).map(from => open(farm.url, from, { tls: true, holds: true })))
    for (const { socket } of strangers) socket.write('\u0000\u0001 no HTTP at all\r\n\r\n')
    const strangest = await Promise.all(addresses(20, 6).map(from => open(farm.url, from, { tls: false })))
    for (const { socket } of strangest) socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    try {
      const commands = ['vm show vm1', 'vm start vm2', 'farm status'].map(words => farm.start(`${words} -q --profile work`))
      for (const { ended } of commands) expect(await ended).toMatchObject({ exit: 0 })
      // Nobody had to be let go for that.
      expect(gone).toBeLessThan(silent.length)
      const grown = (await farm.metric('process_resident_memory_bytes')) - before
      expect(grown / 1024 / 1024 / hostileTimes).toBeLessThan(150)
      await Promise.all([...silent, ...strangest].map(({ closed }) => closed))
      // One more is that which asks.
      await expect.poll(() => farm.metric('ovmcli_connections '), { timeout: 60_000, interval: 250 }).toBeLessThanOrEqual(1)
    } finally {
      clearInterval(dripping)
    }
    expect(farm.json('vm show vm2 --profile work')).toMatchObject({ state: 'running' })
    for (const [why, count] of [['silent', 500 * hostileTimes], ['slow', 500 * hostileTimes + 20], ['no-http', 20], ['no-tls', 20]] as const) expect(await farm.metric(`ovmcli_connections_unserved_total{why="${why}"}`), why).toBe(count)
    manager.signal('SIGTERM')
    const { exit, stderr } = await manager.ended
    expect(exit).toBe(0)
    // One of a kind and address in a minute, and not a thousand.
    const told = lines(stderr, 'connection.unserved')
    expect(new Set(told.map(({ why, address }) => `${String(why)} ${String(address)}`)).size).toBe(told.length)
    expect(told).toHaveLength(10 * hostileTimes + 3)
    expect(lines(stderr, 'defect')).toEqual([])
  })

  it('are 256 of one address and no more, which keeps no other address out', async ({ expect }) => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    farm.logIn()
    const held = await Promise.all(Array.from({ length: 300 }, () => open(farm.url, '127.0.0.2', { tls: false })))
    const ended = Promise.all(held.map(({ closed }) => closed))
    await Promise.all(held.slice(256).map(({ closed }) => closed))
    expect(await farm.metric('ovmcli_connections_unserved_total{why="too-many-of-one"}')).toBe(44)
    expect(await farm.start('vm show vm1 -q --profile work').ended).toMatchObject({ exit: 0 })
    for (const { socket } of held) socket.destroy()
    await ended
    await open(farm.url, '127.0.0.2', { tls: true })
  })
})
