import { createServer as createPlain, type RequestListener, type Server } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { Socket } from 'node:net'
import { peerOf } from './peer.js'
import { Tally } from './tally.js'

/** Bounds on connections: milliseconds and counts. */
export interface ListenBounds { headersMs: number; requestMs: number; idleMs: number; handshakeMs: number; perAddress: number; connections: number; headerBytes: number }

/**
 * Ten seconds for TLS and for the head of a request, a minute for all of it, two for a connection that rests; 256 connections of
 * one address (a laptop that scripts against the manager has a hundred clients) and 4,096 of all.
 */
export const listenBounds: ListenBounds = { headersMs: 10_000, requestMs: 60_000, idleMs: 120_000, handshakeMs: 10_000, perAddress: 256, connections: 4_096, headerBytes: 16_384 }

/** Why a connection ended without being served: too many of all or of one address, no TLS, none in time, a request that was not there in time, no HTTP, a head too large. */
export type Unserved = 'too-many' | 'too-many-of-one' | 'no-tls' | 'silent' | 'slow' | 'no-http' | 'head-size'

/** How long who is let go may take to hear why, in milliseconds. */
const lastWordMs = 1_000

/** A server that listens within its bounds. */
export interface BoundedServer {
  server: Server
  /** Takes no connections any more, and closes those that rest; the others end with the call that is under way. */
  retire(): void
  /** Closes what is left. */
  close(): Promise<void>
}

/** A server over TLS, or, with `tls` null, in the clear. It does not listen yet. @param onUnserved told of connections that are let go without being served */
export function boundedServer(listener: RequestListener, tls: { key: string | Buffer; cert: string | Buffer } | null, bounds: ListenBounds = listenBounds, onUnserved: (why: Unserved, address: string) => void = () => {}): BoundedServer {
  const manner = { headersTimeout: bounds.headersMs, requestTimeout: bounds.requestMs, keepAliveTimeout: bounds.idleMs, maxHeaderSize: bounds.headerBytes, connectionsCheckingInterval: Math.min(5_000, bounds.headersMs) }
  const server = tls ? createSecure({ ...tls, ...manner, handshakeTimeout: bounds.handshakeMs, minVersion: 'TLSv1.2' }, listener) : createPlain(manner, listener)
  server.maxConnections = bounds.connections
  server.maxRequestsPerSocket = 0
  const byPeer = new Tally()
  const open = new Set<Socket>()
  // Counted before TLS: a silent connection is one too.
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const peer = peerOf(address)
    if (byPeer.of(peer) >= bounds.perAddress) {
      socket.destroy()
      onUnserved('too-many-of-one', address)
      return
    }
    byPeer.add(peer, 1)
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      byPeer.add(peer, -1)
    })
  })
  server.on('drop', (dropped?: { remoteAddress?: string }) => onUnserved('too-many', dropped?.remoteAddress ?? ''))
  // What is no HTTP gets no answer that tells more, and who does not even get as far as HTTP none at all.
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const why = unservedOf(error.code ?? '')
    if (why !== null) onUnserved(why, socket.remoteAddress ?? '')
    if (!socket.writable || why === null || statuses[why] === undefined) return socket.destroy()
    socket.end(`HTTP/1.1 ${statuses[why]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    // Only its own side is ended by that: one who never ends his would be held for ever.
    setTimeout(() => socket.destroy(), lastWordMs).unref()
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

const statuses: Partial<Record<Unserved, string>> = { slow: '408 Request Timeout', 'no-http': '400 Bad Request', 'head-size': '431 Request Header Fields Too Large' }

/** What an error of a connection says of who is at its other end; null: he has gone. */
function unservedOf(code: string): Unserved | null {
  if (code === 'HPE_HEADER_OVERFLOW') return 'head-size'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'slow'
  if (/^(?:HPE_|ERR_HTTP_)/.test(code)) return 'no-http'
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'silent'
  return /^(?:EPROTO|ERR_SSL_|ERR_TLS_)/.test(code) ? 'no-tls' : null
}
