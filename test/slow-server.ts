import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** What a server of http does in a thread of its own: of its file it gives half, and the rest only to who asks for that, or when all is asked for again. */
const code = `
  const { createServer } = require('node:http')
  const { parentPort, workerData } = require('node:worker_threads')
  const bytes = Buffer.alloc(workerData, 'x')
  let asked = 0
  const server = createServer((from, to) => {
    const start = Number(/^bytes=(\\d+)-$/.exec(from.headers.range ?? '')?.[1] ?? 0)
    to.writeHead(start > 0 ? 206 : 200, { 'content-length': bytes.length - start, etag: '"one"', ...(start > 0 ? { 'content-range': \`bytes \${start}-\${bytes.length - 1}/\${bytes.length}\` } : {}) })
    if (from.method === 'HEAD') return to.end()
    parentPort.postMessage(start)
    if (asked++ > 0) return to.end(bytes.subarray(start))
    to.write(bytes.subarray(0, bytes.length / 2))
  })
  server.listen(0, '127.0.0.1', () => parentPort.postMessage({ port: server.address().port }))
`

/** A server that goes on while this thread waits for a command: the first who asks gets half of its file and then nothing more. */
export class SlowServer {
  /** where each request for the file began, in bytes */
  readonly starts: number[] = []

  private constructor(private readonly worker: Worker, readonly url: string) {
    worker.on('message', start => this.starts.push(start as number))
  }

  /** Resolves once it was asked so many times for the file. */
  async asked(times: number): Promise<void> {
    while (this.starts.length < times) await once(this.worker, 'message')
  }

  static async of(bytes: number): Promise<SlowServer> {
    const worker = new Worker(code, { eval: true, workerData: bytes })
    const [{ port }] = (await once(worker, 'message')) as [{ port: number }]
    return new SlowServer(worker, `http://127.0.0.1:${port}/file`)
  }

  async close(): Promise<void> {
    await this.worker.terminate()
  }
}
