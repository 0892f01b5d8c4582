import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** What is outside of a farm: servers of http, https and ftp and a proxy, all in this process, on ports that were free. */
export class Outside {
  private readonly servers: TcpServer[] = []
  private readonly sockets = new Set<Duplex>()

  /** A server of http; its origin. */
  http(listener: RequestListener): Promise<string> {
    return this.listen(createServer(listener), 'http')
  }

  /** A server of https, whose certificate is `localCertificate`; its origin. */
  https(listener: RequestListener): Promise<string> {
    return this.listen(createTlsServer({ key: localKey, cert: localCertificate }, listener), 'https')
  }

  /** A proxy that forwards http and tunnels the rest; `asked` gets a line a request. */
  proxy(asked: string[], authorization: string | null = null): Promise<string> {
    const server = createServer((from, to) => {
      asked.push(`${from.method} ${from.url}`)
      if (refused(from)) return void to.writeHead(407, { 'proxy-authenticate': 'Basic' }).end()
      const { 'proxy-authorization': _, ...headers } = from.headers
      from.pipe(request(from.url!, { method: from.method!, headers }, answer => answer.pipe(to.writeHead(answer.statusCode!, answer.headers))))
    })
    server.on('connect', (from: IncomingMessage, client: Duplex) => {
      asked.push(`CONNECT ${from.url}`)
      if (refused(from)) return void client.end('HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n')
      const [host, port] = from.url!.split(':')
      const target = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 Connected\r\n\r\n')
        client.pipe(target).pipe(client)
      })
      this.keep(target)
      for (const end of [client, target]) end.on('error', () => {})
    })
    return this.listen(server, 'http')

    function refused(from: IncomingMessage): boolean {
      return authorization !== null && from.headers['proxy-authorization'] !== authorization
    }
  }

  /** A server that speaks over bare connections. */
  tcp(speak: (socket: Socket) => void, scheme = 'http'): Promise<string> {
    return this.listen(createTcpServer(speak), scheme)
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await Promise.all(this.servers.splice(0).map(server => new Promise(resolve => server.close(resolve))))
  }

  private async listen(server: TcpServer | Server, scheme: string): Promise<string> {
    server.on('connection', socket => this.keep(socket))
    this.servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  private keep(socket: Duplex): void {
    this.sockets.add(socket)
    socket.on('error', () => {}).on('close', () => this.sockets.delete(socket))
  }
}

/** Answers with bytes as a good server does, from where it is asked to. @param pace writes the bytes; all at once unless told */
export function give(bytes: Buffer, headers: Record<string, string>, from: IncomingMessage, to: ServerResponse, pace: (part: Buffer) => void = part => void to.end(part)): void {
  const start = Number(/^bytes=(\d+)-$/.exec(from.headers.range ?? '')?.[1] ?? 0)
  const mark = headers.etag ?? headers['last-modified']
  const ranged = start > 0 && from.headers['if-range'] === mark
  if (ranged && start >= bytes.length) return void to.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
  const part = bytes.subarray(ranged ? start : 0)
  to.writeHead(ranged ? 206 : 200, { 'content-length': String(part.length), ...headers, ...(ranged ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}) })
  if (from.method === 'HEAD') to.end()
  else pace(part)
}

/** What a server of ftp holds and can do. */
export interface FtpFarm {
  files: Record<string, Buffer>
  /** time of change, as MDTM writes it */
  changed?: string
  /** commands that it does not know */
  lacks?: string[]
  login?: { user: string; password: string }
  /** writes bytes to a data connection; all at once unless told */
  pace?: (data: Socket, part: Buffer) => void
  /** what it says when all data is sent */
  done?: string
  /** the host it names for data */
  dataHost?: string
}

/** A server of ftp with passive transfers; `said` gets all commands. */
export function ftp(outside: Outside, farm: FtpFarm, said: string[] = []): Promise<string> {
  return outside.tcp(control => {
    let [start, user] = [0, '']
    let data: Promise<Socket> | null = null
    const say = (line: string) => void control.write(`${line}\r\n`)
    const commands: Record<string, (argument: string) => void | Promise<void>> = {
      USER: name => { user = name; say('331 Password') },
      PASS: password => say(!farm.login || (farm.login.user === user && farm.login.password === password) ? '230 In' : '530 No'),
      TYPE: () => say('200 Ok'), STRU: () => say('200 Ok'), OPTS: () => say('200 Ok'), QUIT: () => void control.end('221 Bye\r\n'), FEAT: () => say('211 None'),
      SIZE: path => say(farm.files[path] ? `213 ${farm.files[path].length}` : '550 None'),
      MDTM: path => say(farm.files[path] ? `213 ${farm.changed ?? '20090101000000'}` : '550 None'),
      REST: at => { start = Number(at); say('350 From there') },
      EPSV: () => say('500 What'),
      PASV: async () => {
        const waiting: ((socket: Socket) => void)[] = []
        data = new Promise(resolve => waiting.push(resolve))
        const port = Number(new URL(await outside.tcp(socket => waiting.pop()?.(socket))).port)
        say(`227 Passive (${(farm.dataHost ?? '127.0.0.1').replaceAll('.', ',')},${port >> 8},${port & 255})`)
      },
      RETR: async path => {
        const bytes = farm.files[path]
        if (!bytes) return say('550 None')
        say('150 Here it comes')
        const socket = await data!
        socket.on('close', hadError => say(hadError ? '426 Broken' : farm.done ?? '226 Done'))
        const part = bytes.subarray(start)
        start = 0
        if (farm.pace) farm.pace(socket, part)
        else socket.end(part)
      },
    }
    say('220 Welcome')
    let rest = ''
    control.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\r\n')
      rest = lines.pop()!
      for (const line of lines) {
        const [name, argument] = [line.split(' ', 1)[0]!.toUpperCase(), line.slice(line.indexOf(' ') + 1)]
        said.push(line)
        const command = farm.lacks?.includes(name) ? undefined : commands[name]
        if (command) void command(argument)
        else say('502 What')
      }
    })
  }, 'ftp')
}

/** Of nothing but tests: 127.0.0.1 and localhost, good from 2020 until 2120. */
export const localCertificate = `-----BEGIN CERTIFICATE-----
MIIBaDCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHOD0LssKfjlGc1I
wS0wy/v7jKj55AeJXB1Q9Ev6IsrubAJIFXpoXgcRK3dd+UkjfjOKpdawGtOO3ntw
hT8cZcajTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBQYmWLGsqpMTEhjj4ggeQ0ccw4UmjAKBggqhkjOPQQD
AgNJADBGAiEA4Axbf1Ph5Gaelbu/Jm+Z9+8d9NkJZSPNg6R2FQQDxNQCIQCBf35A
4RIohg4HcEGS4X9TK6iOjA/DDc+LWpF28vhAfA==
-----END CERTIFICATE-----
`

const localKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGqPSevd2l4IJPJUr
IqmIVhHG11e3Q/rcc7c0gt8ReW2hRANCAARzg9C7LCn45RnNSMEtMMv7+4yo+eQH
iVwdUPRL+iLK7mwCSBV6aF4HESt3XflJI34ziqXWsBrTjt57cIU/HGXG
-----END PRIVATE KEY-----
`
