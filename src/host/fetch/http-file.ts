import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Readable } from 'node:stream'
import { Refusal } from '../../model/errors.js'
import { redirected, type Address } from './address.js'
import type { Kept, OneFile, Opened } from './opened.js'
import { unreachable } from './unreachable.js'
import type { Watch } from './watch.js'

/** How often a source may send on to another address. */
const mostRedirects = 5

/** An entity tag longer than this is not kept. */
const longestMark = 512

interface Answer {
  status: number
  header(name: string): string | null
  body: Readable
  address: Address
}

/** A file that is had by http or https. */
export class HttpFile implements OneFile {
  private readonly way: string

  /** @param ca certificates to trust in the place of Node's */
  constructor(private readonly address: Address, private readonly proxy: Address | null, private readonly ca: string | undefined) {
    this.way = proxy ? ` through the proxy ${proxy.url.origin}` : ''
  }

  get shown(): string {
    return this.address.shown
  }

  get identity(): string {
    return this.address.url.href
  }

  async open(kept: Kept | null, watch: Watch): Promise<Opened> {
    const answer = await this.ask('GET', kept ? { range: `bytes=${kept.bytes}-`, 'if-range': kept.mark } : {}, watch)
    const close = () => answer.body.destroy()
    if (answer.status === 200) return { body: answer.body, startByte: 0, totalBytes: lengthOf(answer), mark: markOf(answer), close }
    if (kept && answer.status === 206) {
      const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.header('content-range') ?? '') ?? []
      if (Number(start) === kept.bytes && [kept.mark, null].includes(markOf(answer))) return { body: answer.body, startByte: kept.bytes, totalBytes: Number(total), mark: kept.mark, close }
    }
    close()
    // What was kept has no end to go on with there.
    if (kept && (answer.status === 206 || answer.status === 416)) return this.open(null, watch)
    throw this.refusal(answer)
  }

  async sizeBytes(watch: Watch): Promise<number | null> {
    const answer = await this.ask('HEAD', {}, watch)
    answer.body.destroy()
    if (answer.status === 200) return lengthOf(answer)
    if (answer.status === 404 || answer.status === 410) throw this.refusal(answer)
    // Not everybody who gives a file away tells about it.
    return null
  }

  /** Asks, and goes where it is sent on to. */
  private async ask(method: string, headers: Record<string, string>, watch: Watch): Promise<Answer> {
    // 0.2 s of work, that only imports from outside do.
    const { default: axios } = await import('axios')
    const agent = { keepAlive: false }
    const httpsAgent = new HttpsAgent(this.ca === undefined ? agent : { ...agent, ca: this.ca })
    let address = this.address
    for (let hop = 0; hop <= mostRedirects; hop++) {
      watch.listen()
      const { status, headers: got, data } = await axios.request<Readable>({
        url: address.url.href, method, headers: { ...headers, accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'ovmcli' }, responseType: 'stream',
        // What is stored is what was sent, byte by byte; who is asked, and how, is decided here and never by the environment.
        decompress: false, maxRedirects: 0, validateStatus: null, signal: watch.signal, httpAgent: new HttpAgent(agent), httpsAgent,
        proxy: this.proxy ? proxyOf(this.proxy) : false, ...(address.login ? { auth: address.login } : {}),
      }).catch((error: unknown) => {
        watch.throwIfStopped()
        throw unreachable(address.shown, this.way, error, watch)
      })
      watch.rest()
      const header = (name: string) => { const value: unknown = got[name]; return typeof value === 'string' ? value : null }
      if (![301, 302, 303, 307, 308].includes(status)) return { status, header, body: data, address }
      data.destroy()
      address = redirected(address, header('location'))
    }
    throw new Refusal('import.refused', `${this.shown} sends on to another address more than ${mostRedirects} times`, 'import from the address where the file is')
  }

  private refusal({ status, address, header }: Answer): Refusal {
    const from = address.shown === this.shown ? this.shown : `${address.shown}, to which ${this.shown} sends on,`
    if (status === 404 || status === 410) return new Refusal('import.not-found', `there is nothing at ${from}`.replace(/,$/, ''), 'look whether the address is right')
    if (status === 407 || header('proxy-authenticate') !== null) return new Refusal('import.refused', `the proxy ${this.proxy?.url.origin ?? ''} wants to know who asks (${status})`, 'write http://USER:PASSWORD@HOST:PORT')
    if (status === 401) return new Refusal('import.refused', `${from} wants to know who asks (401)`, 'write http://USER:PASSWORD@HOST/PATH')
    if (status >= 500 || status === 429) return new Refusal('import.unreachable', `${from} cannot give it now (${status})${this.way}`, 'try again later')
    return new Refusal('import.refused', `${from} does not give it (${status})`, status === 403 ? 'it forbids it: look whether the address is right, and who may have it' : null)
  }
}

function proxyOf({ url, login }: Address) {
  return {
    protocol: url.protocol, host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
    ...(login ? { auth: login } : {}),
  }
}

function lengthOf(answer: Answer): number | null {
  const text = answer.header('content-length')
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
}

/** What If-Range takes: a strong entity tag, or a date of change that was already a second old (RFC 9110, 8.8.2.2). */
function markOf(answer: Answer): string | null {
  const tag = answer.header('etag')
  if (tag !== null && /^"[\x21\x23-\x7e]*"$/.test(tag) && tag.length <= longestMark) return tag
  const changed = answer.header('last-modified') ?? ''
  const ageMs = Date.parse(answer.header('date') ?? '') - Date.parse(changed)
  return ageMs >= 1_000 && changed.length <= longestMark ? changed : null
}
