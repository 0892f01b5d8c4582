import { PassThrough } from 'node:stream'
import { Refusal } from '../../model/errors.js'
import { ftpPath, type Address } from './address.js'
import type { Kept, OneFile, Opened } from './opened.js'
import { unreachable } from './unreachable.js'
import type { Watch } from './watch.js'
import type { Client } from 'basic-ftp'

/** A file that is had by ftp, by whoever may log in without a name unless there is one. */
export class FtpFile implements OneFile {
  private readonly path: string

  constructor(private readonly address: Address) {
    this.path = ftpPath(address)
  }

  get shown(): string {
    return this.address.shown
  }

  get identity(): string {
    return this.address.url.href
  }

  async open(kept: Kept | null, watch: Watch): Promise<Opened> {
    const client = await this.logIn(watch)
    try {
      watch.listen()
      const totalBytes = await told(client.size(this.path))
      const changed = totalBytes === null ? null : await told(client.lastMod(this.path))
      const mark = changed && `${totalBytes} ${changed.toISOString()}`
      const opened = { totalBytes, mark, close: () => client.close() }
      if (kept && kept.mark === mark) {
        const body = await this.retrieve(client, kept.bytes).catch((error: unknown) => {
          // It cannot start in the middle: 500 to 504 are commands that it does not know or does not do.
          if (ftpCode(error) >= 500 && ftpCode(error) < 505) return null
          throw error
        })
        if (body) return { ...opened, body, startByte: kept.bytes }
      }
      return { ...opened, body: await this.retrieve(client, 0), startByte: 0 }
    } catch (error) {
      client.close()
      throw this.refusal(error, watch)
    } finally {
      watch.rest()
    }
  }

  async sizeBytes(watch: Watch): Promise<number | null> {
    const client = await this.logIn(watch)
    try {
      watch.listen()
      return await told(client.size(this.path))
    } catch (error) {
      throw this.refusal(error, watch)
    } finally {
      watch.rest()
      client.close()
    }
  }

  private async logIn(watch: Watch): Promise<Client> {
    const { Client } = await import('basic-ftp')
    // The watch is over silence; a data connection to another host than the one asked would be no business of ours.
    const client = new Client(0, { allowSeparateTransferHost: false })
    watch.signal.addEventListener('abort', () => client.close())
    const { url, login } = this.address
    try {
      watch.listen()
      await client.access({ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 21), ...(login ? { user: login.username, password: login.password } : {}) })
      return client
    } catch (error) {
      client.close()
      throw this.refusal(error, watch)
    } finally {
      watch.rest()
    }
  }

  /** The bytes from one on, once the server has begun to send them. */
  private async retrieve(client: Client, startByte: number): Promise<AsyncIterable<Uint8Array>> {
    const pipe = new PassThrough()
    // What goes wrong the transfer tells; this is for when nobody reads the pipe at that moment.
    pipe.on('error', () => {})
    const transfer = client.downloadTo(pipe, this.path, startByte)
    // The pipe ends whether all went well or not, so that only bytes in it mean that the server sends.
    await Promise.race([transfer, new Promise<void>(resolve => pipe.on('readable', () => { if (pipe.readableLength > 0) resolve() }))])
    pipe.removeAllListeners('readable')
    const failed = transfer.then(() => null, (error: unknown) => ({ error }))
    return (async function* () {
      yield* pipe as AsyncIterable<Uint8Array>
      const failure = await failed
      if (failure) throw failure.error
    })()
  }

  private refusal(error: unknown, watch: Watch): Refusal {
    watch.throwIfStopped()
    const code = ftpCode(error)
    if (code === 550) return new Refusal('import.not-found', `there is nothing at ${this.shown}, or nothing that you may read (550)`, 'look whether the address is right')
    if (code === 530 || code === 331 || code === 332) return new Refusal('import.refused', `${this.shown} wants to know who asks (${code})`, 'write ftp://USER:PASSWORD@HOST/PATH')
    // The library says this in words only.
    if (error instanceof Error && error.message.includes('PASV returned another host')) return new Refusal('import.refused', `${this.shown} sends its data from another host than the one that was asked`, 'import from that host, or by http')
    if (code >= 500) return new Refusal('import.refused', `${this.shown} does not give it (${code})`)
    return unreachable(this.shown, '', error, watch)
  }
}

/** The reply of a server that refuses; 0: it is no reply. */
function ftpCode(error: unknown): number {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : 0
}

/** What a server tells, null when it does not do that; that there is no such file is a failure (550). */
function told<T>(question: Promise<T>): Promise<T | null> {
  return question.catch((error: unknown) => {
    if (ftpCode(error) >= 500 && ftpCode(error) !== 550) return null
    throw error
  })
}
