import { request } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import { farmPath } from '../../src/wsapi/service.js'
import { basic, tls } from './served.js'

/** An answer as it came. `code` is that of the error in it. */
export interface RawAnswer { status: number; headers: IncomingHttpHeaders; body: string; code: string | null }

/** Posts a body as it is, with headers of a call unless others are given; a header that is null is left out. */
export function post(port: number, body: string | Buffer, headers: Record<string, string | null> = {}, path = farmPath, method = 'POST'): Promise<RawAnswer> {
  const given = Object.entries({ 'content-type': 'text/xml; charset=utf-8', authorization: basic('admin'), ...headers }).filter((entry): entry is [string, string] => entry[1] !== null)
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, ca: tls.cert, agent: false, headers: Object.fromEntries(given) }, answer => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: answer.statusCode!, headers: answer.headers, body: text, code: /<code>([^<]*)<\/code>/.exec(text)?.[1] ?? null })
      })
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
