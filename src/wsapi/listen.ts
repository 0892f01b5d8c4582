import { createServer as createPlain, type RequestListener, type Server } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { Socket } from 'node:net'

/** Bounds on connections: milliseconds and counts. */
export interface ListenBounds { headersMs: number; requestMs: number; idleMs: number; handshakeMs: number; perAddress: number; connections: number; headerBytes: number }

/**
 * Ten seconds for TLS and for the head of a request, a minute for all of it, two for a connection that rests; 256 connections of
 * one address (a laptop that scripts against the manager has a hundred clients) and 4,096 of all.
 */
export const listenBounds: ListenBounds = { headersMs: 10_000, requestMs: 60_000, idleMs: 120_000, handshakeMs: 10_000, perAddress: 256, connections: 4_096, headerBytes: 16_384 }

/** A server that listens within its bounds. */
export interface BoundedServer {
  server: Server
  /** Takes no connections any more, and closes those that rest; the others end with the call that is under way. */
  retire(): void
  /** Closes what is left. */
  close(): Promise<void>
}

/** A server over TLS, or, with `tls` null, in the clear. It does not listen yet. */
export function boundedServer(listener: RequestListener, tls: { key: string | Buffer; cert: string | Buffer } | null, bounds: ListenBounds = listenBounds): BoundedServer {
  const manner = { headersTimeout: bounds.headersMs, requestTimeout: bounds.requestMs, keepAliveTimeout: bounds.idleMs, maxHeaderSize: bounds.headerBytes, connectionsCheckingInterval: Math.min(5_000, bounds.headersMs) }
  const server = tls ? createSecure({ ...tls, ...manner, handshakeTimeout: bounds.handshakeMs, minVersion: 'TLSv1.2' }, listener) : createPlain(manner, listener)
  server.maxConnections = bounds.connections
  server.maxRequestsPerSocket = 0
  const byAddress = new Map<string, number>()
  const open = new Set<Socket>()
  // Counted before TLS: a silent connection is one too.
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const count = (byAddress.get(address) ?? 0) + 1
    if (count > bounds.perAddress) {
      socket.destroy()
      return
    }
    byAddress.set(address, count)
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      const left = byAddress.get(address)! - 1
      if (left === 0) byAddress.delete(address)
      else byAddress.set(address, left)
    })
  })
  // What is no HTTP gets no answer that tells more.
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (socket.writable && error.code !== 'ECONNRESET') socket.end(`HTTP/1.1 ${statusOf(error.code)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    else socket.destroy()
  })
  return {
    server,
    retire: () => {
      server.close()
      server.closeIdleConnections()
    },
    close: () => new Promise(resolve => {
      server.close(() => resolve())
      for (const socket of open) socket.destroy()
      if (!server.listening && open.size === 0) resolve()
    }),
  }
}

function statusOf(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large'
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'
}
