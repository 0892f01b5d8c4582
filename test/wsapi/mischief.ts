import { createServer, request as forward, Agent } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import { tls } from './served.js'

/** What becomes of a request on its way: it passes; is lost before it arrives; its answer is lost, cut in half, or comes late (the milliseconds); or it arrives twice. */
export type Mischief = 'pass' | 'lost' | 'answer-lost' | 'answer-halved' | 'doubled' | number

interface Answered { status: number; headers: IncomingHttpHeaders; body: Buffer }

const closers: (() => void)[] = []
afterEach(() => { for (const close of closers.splice(0)) close() })

/** A proxy before a manager that does to each request what it is told, by the call that it is; `target` may be changed while it runs, `ca` is what its certificate is known by. */
export async function mischievous(target: { port: number; ca?: string | Buffer }, next: (call: string) => Mischief | Promise<Mischief>): Promise<number> {
  const agent = new Agent({ ca: target.ca ?? tls.cert, keepAlive: false })
  const send = (req: IncomingMessage, body: Buffer) => new Promise<Answered>((resolve, reject) => {
    const out = forward({ host: '127.0.0.1', port: target.port, path: req.url, method: req.method, headers: req.headers, agent }, answer => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks) }))
      answer.on('error', reject)
    })
    out.on('error', reject)
    out.end(body)
  })
  const handle = async (req: IncomingMessage, res: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const mischief = await next(/#(\w+)"?$/.exec(String(req.headers['soapaction']))?.[1] ?? '')
    if (mischief === 'lost') return req.socket.destroy()
    const [answer] = await Promise.all(mischief === 'doubled' ? [send(req, body), send(req, body)] : [send(req, body)])
    if (mischief === 'answer-lost') return req.socket.destroy()
    if (typeof mischief === 'number') await new Promise(resolve => setTimeout(resolve, mischief))
    const { 'transfer-encoding': _, ...headers } = answer!.headers
    res.writeHead(answer!.status, headers)
    if (mischief !== 'answer-halved') return res.end(answer!.body)
    res.write(answer!.body.subarray(0, answer!.body.length / 2))
    // Once the half is on its way.
    return setImmediate(() => req.socket.destroySoon())
  }
  const server = createServer(tls, (req, res) => { handle(req, res).catch(() => req.socket.destroy()) })
  closers.push(() => {
    server.closeAllConnections()
    server.close()
    agent.destroy()
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  return (server.address() as AddressInfo).port
}
