import { Agent, request } from 'node:https'

/** What came of a request: its status (0: none, the connection was lost), the code of the error in the answer, and the answer. */
export interface Knocked { status: number; code: string | null; text: string }

/** How a request is sent; `from` is one of this machine's addresses. */
export interface Knock { from?: string; method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer; agent?: Agent }

/** Sends a request to a manager as it is told, and never fails. */
export function knock(url: string, { from = '127.0.0.1', method = 'POST', path = '/login', headers = {}, body = '', agent }: Knock): Promise<Knocked> {
  return new Promise(resolve => {
    const lost = () => resolve({ status: 0, code: null, text: '' })
    const sent = request(new URL(path, url), { method, headers: { 'content-length': Buffer.byteLength(body), ...headers }, localAddress: from, rejectUnauthorized: false, agent: agent ?? false }, answer => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', lost)
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: answer.statusCode!, text, code: /"code":"([^"]*)"|<code>([^<]*)<\/code>/.exec(text)?.slice(1).find(code => code !== undefined) ?? null })
      })
    })
    sent.on('error', lost)
    sent.end(body)
  })
}

/** How often each answer came, as `status code`. */
export function tally(answers: readonly Knocked[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, code } of answers) counts[`${status} ${code}`] = (counts[`${status} ${code}`] ?? 0) + 1
  return counts
}
