import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { checkSource, dropPart, fetchTo, sizeOf } from '../../src/host/fetch/fetch-to.js'
import type { FetchManner, Progress } from '../../src/host/fetch/manner.js'
import { refusal, refusalOf } from '../refusal.js'
import { ftp, give, localCertificate, Outside, type FtpFarm } from './outside.js'

/** Something to fetch, no two pieces of which are alike. */
const bytes = Buffer.from(Array.from({ length: 40_000 }, (_, at) => `${at} `).join(''))
const half = bytes.length >> 1
const sha256 = createHash('sha256').update(bytes).digest('hex')

let folder: string
let target: string
let outside: Outside

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ovmcli-fetch-'))
  target = join(folder, 'System.img')
  outside = new Outside()
})
afterEach(async () => {
  vi.useRealTimers()
  await outside.close()
  rmSync(folder, { recursive: true, force: true })
})

const left = () => readdirSync(folder).sort()
const whole = (file = target) => expect(readFileSync(file).equals(bytes)).toBe(true)

/** Writes the first half of what is asked for and no more; `cut` breaks the connection off. */
function halves() {
  let open: ServerResponse | Socket | null = null
  return {
    pace: (to: ServerResponse | Socket, part: Buffer) => { (open = to).write(part.subarray(0, part.length >> 1)) },
    cut: () => void open!.destroy(),
  }
}

/** Fetches until half of it has come, and has `stop` break it off. */
function untilHalf(source: string, stop: () => void, manner: FetchManner = {}) {
  return fetchTo({ url: source }, target, { ...manner, onProgress: ({ doneBytes }) => { if (doneBytes === half) stop() } })
}

describe('a file by http', () => {
  it('comes whole, counted, its folder holding nothing else', async () => {
    const origin = await outside.http((from, to) => give(bytes, {}, from, to))
    const seen: Progress[] = []
    expect(await sizeOf({ url: `${origin}/a.img` })).toBe(bytes.length)
    expect(await fetchTo({ url: `${origin}/a.img` }, target, { checksum: sha256, mostBytes: bytes.length, onProgress: progress => seen.push(progress) })).toEqual({ kind: 'file', bytes: bytes.length, resumedBytes: 0 })
    whole()
    expect([seen[0], seen.at(-1)]).toEqual([{ doneBytes: 0, totalBytes: bytes.length }, { doneBytes: bytes.length, totalBytes: bytes.length }])
    expect(seen.every(({ doneBytes }, at) => at === 0 || doneBytes > seen[at - 1]!.doneBytes)).toBe(true)
    expect(left()).toEqual(['System.img'])
  })

  it('replaces what was there, and may be empty or of a length that nobody tells', async () => {
    const origin = await outside.http((from, to) => {
      if (from.url === '/empty') return give(Buffer.alloc(0), { etag: '"e"' }, from, to)
      to.write(bytes)
      to.end()
    })
    writeFileSync(target, 'older')
    expect([await fetchTo({ url: `${origin}/chunked` }, target), await sizeOf({ url: `${origin}/chunked` })]).toEqual([{ kind: 'file', bytes: bytes.length, resumedBytes: 0 }, null])
    whole()
    expect((await fetchTo({ url: `${origin}/empty` }, target)).bytes).toBe(0)
    expect([readFileSync(target).length, left()]).toEqual([0, ['System.img']])
  })

  it('is stored as it was sent, even if it says that it is packed', async () => {
    const asked: IncomingMessage[] = []
    const origin = await outside.http((from, to) => {
      asked.push(from)
      give(bytes, { 'content-encoding': 'x-gzip' }, from, to)
    })
    await fetchTo({ url: `${origin}/OEL5.tgz` }, target)
    whole()
    expect(asked[0]!.headers['accept-encoding']).toBe('identity')
  })

  it.each(['sha256', 'sha1', 'md5', 'sha512'])('is held against its %s', async algorithm => {
    const origin = await outside.http((from, to) => give(bytes, { etag: '"1"' }, from, to))
    const hex = createHash(algorithm).update(bytes).digest('hex')
    await fetchTo({ url: origin }, target, { checksum: `${algorithm}:${hex.toUpperCase()}` })
    rmSync(target)
    const wrong = hex.replace(/./, digit => (digit === '0' ? '1' : '0'))
    const error = await refusalOf(fetchTo({ url: origin }, target, { checksum: `${algorithm}:${wrong}` }))
    expect([error.code, error.message.includes(hex), left()]).toEqual(['import.checksum', true, []])
  })

  it('is not fetched when it is bigger than may be, told before or not', async () => {
    const origin = await outside.http((from, to) => {
      if (from.url === '/told') return give(bytes, { etag: '"1"' }, from, to)
      to.setHeader('etag', '"1"').write(bytes)
      to.end()
    })
    for (const path of ['/told', '/untold']) {
      const error = await refusalOf(fetchTo({ url: origin + path }, target, { mostBytes: bytes.length - 1 }))
      expect([error.code, error.exit, left()], path).toEqual(['import.too-big', 5, []])
    }
  })

  it.each([
    [404, 'import.not-found', 5], [410, 'import.not-found', 5], [401, 'import.refused', 5], [403, 'import.refused', 5], [400, 'import.refused', 5], [204, 'import.refused', 5],
    [206, 'import.refused', 5], [304, 'import.refused', 5], [429, 'import.unreachable', 8], [500, 'import.unreachable', 8], [503, 'import.unreachable', 8],
  ])('ends with its reason when the server answers %i', async (status, code, exit) => {
    const origin = await outside.http((_, to) => void to.writeHead(status).end())
    const error = await refusalOf(fetchTo({ url: `${origin}/x?key=secret` }, target))
    expect([error.code, error.exit, error.message.includes(`${origin}/x?…`), error.message.includes('secret'), left()]).toEqual([code, exit, true, false, []])
  })

  it('has its size told or not told, as the server likes, and its absence named', async () => {
    const origin = await outside.http((from, to) => void to.writeHead(Number(from.url!.slice(1)), { 'content-length': '7' }).end())
    const sizes = await Promise.all([200, 403, 405, 500].map(status => sizeOf({ url: `${origin}/${status}` })))
    expect(sizes).toEqual([7, null, null, null])
    expect((await refusalOf(sizeOf({ url: `${origin}/404` }))).code).toBe('import.not-found')
  })

  it('is not reached where nobody listens, nothing answers, or another language is spoken', async () => {
    const gone = await outside.http(() => {})
    const silent = await outside.http(() => {})
    const strange = await outside.tcp(socket => void socket.once('data', () => socket.end('SSH-2.0\r\n')))
    const hanging = await outside.tcp(socket => void socket.once('data', () => socket.destroy()))
    const elsewhere = new Outside()
    const closed = await elsewhere.http(() => {})
    await elsewhere.close()
    const [a, b, c, d] = await Promise.all([closed, silent, strange, hanging].map(url => refusalOf(fetchTo({ url }, target, { silenceMs: url === silent ? 20 : 60_000 }))))
    expect([a!.message, b!.message, c!.message, d!.message].map(text => text.replace(/:\d+/, ''))).toEqual([
      'http://127.0.0.1/ cannot be reached: nobody listens there', 'http://127.0.0.1/ did not answer within 0.02 s',
      'http://127.0.0.1/ cannot be reached: it does not speak HTTP', 'http://127.0.0.1/ cannot be reached: it broke the connection off',
    ])
    expect([a, b, c, d].map(error => [error!.code, error!.exit])).toEqual(Array(4).fill(['import.unreachable', 8]))
    expect((await refusalOf(sizeOf({ url: gone }, { silenceMs: 20 }))).code).toBe('import.unreachable')
    expect(left()).toEqual([])
  })

  it('may come slowly, but not stop', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let to: ServerResponse | null = null
    const origin = await outside.http((_, answer) => { (to = answer.writeHead(200, { 'content-length': '10' })).write('a') })
    const error = await refusalOf(fetchTo({ url: origin }, target, {
      onProgress: ({ doneBytes }) => {
        // Our own disk may take as long as it likes.
        vi.advanceTimersByTime(300_000)
        // Just within the time, again and again; the last piece does not come. It is waited for once this has returned.
        if (doneBytes > 0) queueMicrotask(() => {
          vi.advanceTimersByTime(doneBytes < 9 ? 59_000 : 61_000)
          if (doneBytes < 9) to!.write('a')
        })
      },
    }))
    expect([error.code, error.message.replace(/:\d+/, '')]).toEqual(['import.cut', 'the transfer of http://127.0.0.1/ was cut after 9 of 10 bytes: nothing came for 60 s'])
    expect(left()).toEqual([])
  })

  it('is stopped by its signal, before, while it is asked for and in the middle, with the reason of the signal', async () => {
    const { pace } = halves()
    const asked = deferred()
    const origin = await outside.http((from, to) => {
      if (from.url === '/silent') asked.resolve()
      else give(bytes, { etag: '"1"' }, from, to, part => pace(to, part))
    })
    const reason = new Error('aborted by ann')
    await expect(fetchTo({ url: origin }, target, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const [first, second] = [new AbortController(), new AbortController()]
    const waiting = fetchTo({ url: `${origin}/silent` }, target, { signal: first.signal })
    await asked.promise
    first.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(left()).toEqual([])
    await expect(untilHalf(origin, () => second.abort(reason), { signal: second.signal })).rejects.toBe(reason)
    expect([left(), readFileSync(`${target}.part/bytes`).length]).toEqual([['System.img.part'], half])
  })
})

describe('a file by http that was cut', () => {
  /** Cuts a first transfer in the middle, has the second go its way, and tells what the second asked and came to. */
  async function secondTry(first: Record<string, string>, second: (from: IncomingMessage, to: ServerResponse) => void, manner: FetchManner = {}) {
    const { pace, cut } = halves()
    const ranges: (string | undefined)[] = []
    let tries = 0
    const origin = await outside.http((from, to) => {
      if (tries++ === 0) return give(bytes, first, from, to, part => pace(to, part))
      ranges.push(from.headers.range)
      second(from, to)
    })
    const error = await refusalOf(untilHalf(`${origin}/a`, cut))
    expect([error.code, error.exit, error.message.includes(`after ${half} of ${bytes.length} bytes`)]).toEqual(['import.cut', 8, true])
    const kept = left()
    return { kept, ranges, fetched: await fetchTo({ url: `${origin}/a` }, target, manner) }
  }

  const date = 'Tue, 24 Nov 2026 10:00:00 GMT'
  const day = { date, 'last-modified': 'Mon, 23 Nov 2026 10:00:00 GMT' }

  it.each([['its entity tag', { etag: '"one"' }], ['its time of change', day]])('goes on where it was, by %s, and its checksum is of the whole', async (_, headers) => {
    const { kept, ranges, fetched } = await secondTry(headers, (from, to) => give(bytes, headers, from, to), { checksum: `sha256:${sha256}` })
    expect([kept, ranges, fetched]).toEqual([['System.img.part'], [`bytes=${half - 1}-`], { kind: 'file', bytes: bytes.length, resumedBytes: half - 1 }])
    whole()
    expect(left()).toEqual(['System.img'])
  })

  it.each([['nothing names its state', {}], ['its tag is weak', { etag: 'W/"one"' }], ['it changed just now', { date, 'last-modified': date }]])('leaves nothing when %s, and begins anew', async (_, headers) => {
    const { kept, ranges, fetched } = await secondTry(headers as Record<string, string>, (from, to) => give(bytes, headers as Record<string, string>, from, to))
    expect([kept, ranges, fetched.resumedBytes]).toEqual([[], [undefined], 0])
    whole()
  })

  const other = Buffer.from(bytes.toString().replaceAll('1', 'x'))
  it.each([
    ['the source has changed', (from: IncomingMessage, to: ServerResponse) => give(bytes, { etag: '"two"' }, from, to), 1],
    ['the server knows no ranges', (_: IncomingMessage, to: ServerResponse) => void to.writeHead(200, { etag: '"one"' }).end(bytes), 1],
    ['the server gives another range', (from: IncomingMessage, to: ServerResponse) => (from.headers.range ? void to.writeHead(206, { 'content-range': `bytes 7-${bytes.length - 1}/${bytes.length}` }).end(other.subarray(7)) : give(bytes, {}, from, to)), 2],
    ['the server gives a range of something else', (from: IncomingMessage, to: ServerResponse) => (from.headers.range ? void to.writeHead(206, { etag: '"two"', 'content-range': `bytes ${half - 1}-${bytes.length - 1}/${bytes.length}` }).end(other.subarray(half - 1)) : give(bytes, {}, from, to)), 2],
    ['the server has less', (from: IncomingMessage, to: ServerResponse) => (from.headers.range ? void to.writeHead(416).end() : give(bytes, {}, from, to)), 2],
  ])('begins anew when %s', async (_, second, asked) => {
    const { ranges, fetched } = await secondTry({ etag: '"one"' }, second)
    expect([ranges.length, ranges[0], fetched]).toEqual([asked, `bytes=${half - 1}-`, { kind: 'file', bytes: bytes.length, resumedBytes: 0 }])
    whole()
    expect(left()).toEqual(['System.img'])
  })

  it('is another file when it is from another address, or what is known of it is damaged', async () => {
    const { pace, cut } = halves()
    const ranges: (string | undefined)[] = []
    const origin = await outside.http((from, to) => {
      ranges.push(from.headers.range)
      give(bytes, { etag: '"one"' }, from, to, part => (from.url === '/a' ? pace(to, part) : void to.end(part)))
    })
    for (const spoil of [() => {}, () => writeFileSync(`${target}.part/from.json`, '{"source":'), () => writeFileSync(`${target}.part/from.json`, 'null')]) {
      await refusalOf(untilHalf(`${origin}/a`, cut))
      spoil()
      expect((await fetchTo({ url: `${origin}/b` }, target)).resumedBytes).toBe(0)
      whole()
    }
    expect(ranges.filter(Boolean)).toEqual([])
  })

  it('is finished when it was cut after its last byte, before it got its name', async () => {
    const origin = await outside.http((from, to) => give(bytes, { etag: '"one"' }, from, to))
    const stop = new AbortController()
    await expect(fetchTo({ url: origin }, target, { signal: stop.signal, onProgress: ({ doneBytes }) => { if (doneBytes === bytes.length) stop.abort(new Error('late')) } })).rejects.toThrow('late')
    expect((await fetchTo({ url: origin }, target, { checksum: sha256 })).resumedBytes).toBe(bytes.length - 1)
    whole()
  })

  it('keeps what has come while the server is down, and lets go of it when the file is gone or somebody says so', async () => {
    const { pace, cut } = halves()
    let status = 200
    const origin = await outside.http((from, to) => (status === 200 ? give(bytes, { etag: '"one"' }, from, to, part => pace(to, part)) : void to.writeHead(status).end()))
    await refusalOf(untilHalf(origin, cut))
    status = 503
    await refusalOf(fetchTo({ url: origin }, target))
    expect(left()).toEqual(['System.img.part'])
    status = 404
    await refusalOf(fetchTo({ url: origin }, target))
    expect(left()).toEqual([])
    status = 200
    await refusalOf(untilHalf(origin, cut))
    await dropPart(target)
    await dropPart(target)
    expect(left()).toEqual([])
  })
})

describe('a redirect', () => {
  it('is followed, with the login on the same origin only', async () => {
    const logins: (string | undefined)[] = []
    const there = await outside.http((from, to) => {
      logins.push(from.headers.authorization)
      give(bytes, {}, from, to)
    })
    const here = await outside.http((from, to) => {
      logins.push(from.headers.authorization)
      to.writeHead(from.url === '/a' ? 301 : 307, { location: from.url === '/a' ? 'b?x=1' : `${there}/c` }).end()
    })
    await fetchTo({ url: `${here.replace('//', '//ann:p%40ss@')}/a` }, target)
    whole()
    const basic = `Basic ${Buffer.from('ann:p@ss').toString('base64')}`
    expect(logins).toEqual([basic, basic, undefined])
  })

  it('leads nowhere else: not round in circles, not to another scheme, not to nothing', async () => {
    const asked: string[] = []
    const origin = await outside.http((from, to) => {
      asked.push(from.url!)
      const location = { '/loop': '/loop', '/file': 'file:///etc/passwd', '/data': 'data:,x', '/ftp': 'ftp://ann:secret@127.0.0.1/x', '/tls': 'https://127.0.0.1/x', '/bad': 'http://', '/none': undefined }[from.url!]
      to.writeHead(302, location ? { location } : {}).end()
    })
    const errors = []
    for (const path of ['loop', 'file', 'data', 'ftp', 'tls', 'bad', 'none']) errors.push(await refusalOf(fetchTo({ url: `${origin}/${path}` }, target)))
    expect(errors.map(({ code }) => code)).toEqual(Array(7).fill('import.refused'))
    expect(errors[0]!.message).toContain('more than 5 times')
    expect(errors[3]!.message).toContain('sends on to ftp://127.0.0.1/x: from http: to ftp:')
    expect([asked.filter(path => path === '/loop').length, asked.length, left()]).toEqual([6, 12, []])
  })
})

describe('a file by https', () => {
  it('comes when its certificate is to be trusted, and only then', async () => {
    const origin = await outside.https((from, to) => give(bytes, {}, from, to))
    expect(await sizeOf({ url: origin }, { ca: localCertificate })).toBe(bytes.length)
    await fetchTo({ url: origin }, target, { ca: localCertificate })
    whole()
    const error = await refusalOf(fetchTo({ url: origin }, target))
    expect([error.code, error.exit, error.message.includes('DEPTH_ZERO_SELF_SIGNED_CERT')]).toEqual(['import.untrusted', 8, true])
    const plain = await outside.http(() => {})
    expect((await refusalOf(fetchTo({ url: plain.replace('http', 'https') }, target))).code).toBe('import.unreachable')
  })
})

describe('a proxy', () => {
  const login = `Basic ${Buffer.from('ann:p@ss').toString('base64')}`

  it('forwards http and is a tunnel for https, and goes on where it was', async () => {
    const plain = await outside.http((from, to) => give(bytes, {}, from, to))
    const tls = await outside.https((from, to) => give(bytes, {}, from, to))
    const asked: string[] = []
    const proxy = (await outside.proxy(asked, login)).replace('//', '//ann:p%40ss@')
    expect(await sizeOf({ url: `${plain}/a` }, { proxy })).toBe(bytes.length)
    for (const url of [`${plain}/a`, `${tls}/a`]) {
      await fetchTo({ url }, target, { proxy, ca: localCertificate, checksum: sha256 })
      whole()
    }
    expect(asked).toEqual([`HEAD ${plain}/a`, `GET ${plain}/a`, `CONNECT ${new URL(tls).host}`])
  })

  it('is asked for nothing that is not said: the environment names none', async () => {
    const origin = await outside.http((from, to) => give(bytes, {}, from, to))
    const asked: string[] = []
    const proxy = await outside.proxy(asked)
    vi.stubEnv('http_proxy', proxy)
    vi.stubEnv('HTTP_PROXY', proxy)
    await fetchTo({ url: origin }, target)
    vi.unstubAllEnvs()
    expect(asked).toEqual([])
  })

  it('that wants to know who asks, or is not there, is named, its password never', async () => {
    const asked: string[] = []
    const proxy = (await outside.proxy(asked, login)).replace('//', '//ann:wrong-secret@')
    const origin = await outside.https(() => {})
    for (const url of ['http://127.0.0.1:9/a', `${origin}/a`]) {
      const error = await refusalOf(fetchTo({ url }, target, { proxy }))
      expect([error.code, error.message], url).toEqual(['import.refused', `the proxy ${proxy.replace('ann:wrong-secret@', '')} wants to know who asks (407)`])
    }
    const elsewhere = new Outside()
    const closed = await elsewhere.http(() => {})
    await elsewhere.close()
    const error = await refusalOf(fetchTo({ url: 'http://127.0.0.1/' }, target, { proxy: closed.replace('//', '//ann:wrong-secret@') }))
    expect([error.code, error.message]).toEqual(['import.unreachable', `http://127.0.0.1/ cannot be reached through the proxy ${closed}: nobody listens there`])
    expect(JSON.stringify(error.fault)).not.toContain('secret')
  })
})

describe('a file by ftp', () => {
  const farm: FtpFarm = { files: { 'pub/a b.img': bytes, 'empty.img': Buffer.alloc(0) } }

  it('comes whole, from whoever may log in', async () => {
    const said: string[] = []
    const origin = await ftp(outside, { ...farm, login: { user: 'ann', password: 'p@ss' } }, said)
    const seen: Progress[] = []
    const url = `${origin.replace('//', '//ann:p%40ss@')}/pub/a%20b.img`
    expect(await sizeOf({ url })).toBe(bytes.length)
    expect(await fetchTo({ url }, target, { checksum: sha256, onProgress: progress => seen.push(progress) })).toEqual({ kind: 'file', bytes: bytes.length, resumedBytes: 0 })
    whole()
    expect([seen.at(-1), left(), said.includes('RETR pub/a b.img')]).toEqual([{ doneBytes: bytes.length, totalBytes: bytes.length }, ['System.img'], true])
    const error = await refusalOf(fetchTo({ url: `${origin.replace('//', '//ann:secret@')}/pub/a%20b.img` }, target))
    expect([error.code, JSON.stringify(error.fault).includes('secret')]).toEqual(['import.refused', false])
  })

  it('comes from servers that tell neither size nor time, and may be empty', async () => {
    const origin = await ftp(outside, { ...farm, lacks: ['SIZE', 'MDTM', 'REST'] })
    expect(await sizeOf({ url: `${origin}/pub/a%20b.img` })).toBe(null)
    await fetchTo({ url: `${origin}/pub/a%20b.img` }, target)
    whole()
    expect((await fetchTo({ url: `${await ftp(outside, farm)}/empty.img` }, target)).bytes).toBe(0)
  })

  it('goes on where it was cut when it can, and begins anew when it cannot', async () => {
    for (const { second, resumed } of [
      { second: {}, resumed: half - 1 }, { second: { changed: '20101010101010' }, resumed: 0 }, { second: { lacks: ['REST'] }, resumed: 0 }, { second: { lacks: ['MDTM'] }, resumed: 0 },
    ]) {
      const { pace, cut } = halves()
      const changing: FtpFarm = { ...farm, pace }
      const url = `${await ftp(outside, changing)}/pub/a%20b.img`
      const error = await refusalOf(untilHalf(url, cut))
      expect([error.code, left()]).toEqual(['import.cut', ['System.img.part']])
      Object.assign(changing, second, { pace: undefined })
      expect(await fetchTo({ url }, target, { checksum: sha256 }), JSON.stringify(second)).toEqual({ kind: 'file', bytes: bytes.length, resumedBytes: resumed })
      whole()
      rmSync(target)
    }
  })

  it('that ends early is cut, whatever the server says, and one that stops is given up', async () => {
    const early = await ftp(outside, { ...farm, pace: (data, part) => void data.end(part.subarray(0, half)) })
    expect((await refusalOf(fetchTo({ url: `${early}/pub/a%20b.img` }, target))).message).toContain(`after ${half} of ${bytes.length} bytes: it ended`)
    const failing = await ftp(outside, { ...farm, lacks: ['SIZE'], done: '451 My disk fails' })
    expect((await refusalOf(fetchTo({ url: `${failing}/pub/a%20b.img` }, target))).code).toBe('import.cut')
    const stopping = await ftp(outside, { ...farm, pace: (data, part) => void data.write(part.subarray(0, half)) })
    expect((await refusalOf(fetchTo({ url: `${stopping}/pub/a%20b.img` }, target, { silenceMs: 50 }))).message).toContain('nothing came for 0.05 s')
    const silent = await outside.tcp(() => {}, 'ftp')
    expect((await refusalOf(fetchTo({ url: `${silent}/a` }, target, { silenceMs: 50 }))).code).toBe('import.unreachable')
    const stop = new AbortController()
    const reason = new Error('aborted by ann')
    await expect(untilHalf(`${stopping}/pub/a%20b.img`, () => stop.abort(reason), { signal: stop.signal })).rejects.toBe(reason)
  })

  it('that is not there, or whose server sends its data from elsewhere, is refused', async () => {
    const error = await refusalOf(fetchTo({ url: `${await ftp(outside, farm)}/none.img` }, target))
    expect([error.code, error.exit]).toEqual(['import.not-found', 5])
    expect((await refusalOf(sizeOf({ url: `${await ftp(outside, farm)}/none.img` }))).code).toBe('import.not-found')
    const bouncing = await ftp(outside, { ...farm, dataHost: '10.0.0.1' })
    expect((await refusalOf(fetchTo({ url: `${bouncing}/pub/a%20b.img` }, target))).message).toContain('sends its data from another host')
    expect(left()).toEqual([])
  })
})

describe('what is on this machine', () => {
  it('comes as a file, gone on with while it is the same', async () => {
    const source = join(folder, 'from.iso')
    writeFileSync(source, Buffer.concat([bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes]))
    const size = bytes.length * 10
    const stopAt = (stop: AbortController) => ({ signal: stop.signal, onProgress: ({ doneBytes }: Progress) => { if (doneBytes > 0) stop.abort(new Error('stop')) } })
    expect(await sizeOf({ path: source })).toBe(size)
    await expect(fetchTo({ path: source }, target, stopAt(new AbortController()))).rejects.toThrow('stop')
    const kept = readFileSync(`${target}.part/bytes`).length
    expect(kept).toBeLessThan(size)
    expect(await fetchTo({ path: source }, target)).toEqual({ kind: 'file', bytes: size, resumedBytes: kept - 1 })
    expect(readFileSync(target).equals(readFileSync(source))).toBe(true)
    await expect(fetchTo({ path: source }, target, stopAt(new AbortController()))).rejects.toThrow('stop')
    utimesSync(source, 1, 1)
    expect((await fetchTo({ path: source }, target)).resumedBytes).toBe(0)
    expect(left()).toEqual(['System.img', 'from.iso'])
  })

  it('comes as a folder with all in it, in the place of one that was there', async () => {
    const source = join(folder, 'OEL5')
    mkdirSync(join(source, 'more', 'none'), { recursive: true })
    writeFileSync(join(source, 'vm.cfg'), "name = 'a'\n")
    writeFileSync(join(source, 'more', 'System.img'), bytes)
    const to = join(folder, 'seed')
    mkdirSync(to)
    writeFileSync(join(to, 'old'), '')
    const seen: Progress[] = []
    expect(await sizeOf({ path: source })).toBe(bytes.length + 11)
    expect(await fetchTo({ path: source }, to, { onProgress: progress => seen.push(progress) })).toEqual({ kind: 'folder', bytes: bytes.length + 11, resumedBytes: 0 })
    whole(join(to, 'more', 'System.img'))
    expect([readdirSync(to).sort(), existsSync(join(to, 'more', 'none')), left(), seen.at(-1)]).toEqual([['more', 'vm.cfg'], true, ['OEL5', 'seed'], { doneBytes: bytes.length + 11, totalBytes: bytes.length + 11 }])
    expect((await refusalOf(fetchTo({ path: source }, target, { mostBytes: 10 }))).code).toBe('import.too-big')
    expect((await refusalOf(fetchTo({ path: source }, target, { checksum: sha256 }))).code).toBe('import.url')
    const stop = new AbortController()
    await expect(fetchTo({ path: source }, target, { signal: stop.signal, onProgress: ({ doneBytes }) => { if (doneBytes > 0) stop.abort(new Error('stop')) } })).rejects.toThrow('stop')
    expect(left()).toEqual(['OEL5', 'seed'])
  })

  it('brings in nothing that lies elsewhere', async () => {
    const source = join(folder, 'OEL5')
    mkdirSync(source)
    symlinkSync('/etc/passwd', join(source, 'System.img'))
    const error = await refusalOf(fetchTo({ path: source }, target))
    expect([error.code, error.message.endsWith('neither a file nor a folder: System.img'), left()]).toEqual(['import.refused', true, ['OEL5']])
    rmSync(join(source, 'System.img'))
    mkdirSync(join(source, ...Array<string>(9).fill('deep')), { recursive: true })
    expect((await refusalOf(sizeOf({ path: source }))).message).toContain('more than 8 folders deep')
    rmSync(join(source, 'deep'), { recursive: true })
    for (let at = 0; at <= 1_000; at++) writeFileSync(join(source, String(at)), '')
    expect((await refusalOf(sizeOf({ path: source }))).message).toContain('more than 1000 files')
    expect((await refusalOf(sizeOf({ path: '/dev/zero' }))).code).toBe('import.refused')
  })

  it('is missed and denied by name', async () => {
    expect((await refusalOf(fetchTo({ path: join(folder, 'none') }, target))).code).toBe('import.not-found')
    const source = join(folder, 'closed')
    writeFileSync(source, 'x')
    chmodSync(source, 0)
    // Root reads everything.
    if (process.getuid?.() !== 0) expect((await refusalOf(fetchTo({ path: source }, target))).code).toBe('import.refused')
    const nowhere = await refusalOf(fetchTo({ path: '/etc/passwd' }, join(folder, 'closed', 'x')))
    expect([nowhere.code, nowhere.exit]).toEqual(['import.write', 8])
  })
})

describe('an address', () => {
  it.each([
    'ftp.example.com/x', 'file:///etc/passwd', 'data:text/plain,x', 'javascript:1', 'gopher://h/', 'http://', 'http://a:secret@[::1', `http://h/${'x'.repeat(2_100)}`,
    'ftp://h/', 'ftp://h/folder/', 'ftp://h/a%0d%0aDELE%20b', 'ftp://u%0aDELE:x@h/a', 'http://u%zz:secret@h/', 'http://u:%00@h/',
  ])('%s is none', async url => {
    const errors = [refusal(() => checkSource({ url })), await refusalOf(sizeOf({ url })), await refusalOf(fetchTo({ url }, target))]
    for (const error of errors) expect([error.code, error.exit, JSON.stringify(error.fault).includes('secret')], error.message).toEqual(['import.url', 2, false])
  })

  it('is refused with a proxy, path or checksum that is none', () => {
    const url = 'http://h/x'
    const wrong = [
      () => checkSource({ url }, { proxy: 'h:3128' }), () => checkSource({ url }, { proxy: 'socks5://u:secret@h' }), () => checkSource({ url: 'ftp://h/x' }, { proxy: 'http://p' }), () => checkSource({ path: 'a/b' }), () => checkSource({ path: '/a\0' }),
      ...['x', 'sha256:12', 'abc', sha256.slice(1), `sha1:${sha256}`, `crc32:${sha256}`, `__proto__:${sha256}`].map(checksum => () => checkSource({ url }, { checksum })),
    ]
    for (const check of wrong) {
      const error = refusal(check)
      expect([error.code, error.message.includes('secret')], check.toString()).toEqual(['import.url', false])
    }
    checkSource({ url: 'ftp://h/%2Fabs/x;type=i' })
    checkSource({ url }, { proxy: 'https://p:1', checksum: ` ${sha256} ` })
  })
})

function deferred() {
  let resolve = (): void => {}
  const promise = new Promise<void>(settle => { resolve = settle })
  return { promise, resolve }
}
