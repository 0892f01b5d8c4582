import { isAbsolute } from 'node:path'
import { Refusal } from '../../model/errors.js'

/** Where something to be imported lies: a URL (http, https, ftp), or a path on this machine to a file or a folder. */
export type Source = { url: string } | { path: string }

/** Who one is to a server; the name and the password as they are, not as a URL writes them. */
export interface Login {
  username: string
  password: string
}

/** A URL taken apart: `url` holds no login any more, `shown` is what messages may say of it. */
export interface Address {
  url: URL
  login: Login | null
  shown: string
}

/** A checksum that what comes must have. */
export interface Checksum {
  algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512'
  hex: string
}

const fetched = ['http:', 'https:', 'ftp:']
const longestUrl = 2_048
const hexDigits = { md5: 32, sha1: 40, sha256: 64, sha512: 128 } as const

/** The address of a URL that something can be fetched from. @throws Refusal import.url */
export function readAddress(text: string): Address {
  const url = parsed(text, 'the URL')
  if (!fetched.includes(url.protocol)) throw new Refusal('import.url', `nothing is imported by ${url.protocol}`, 'use http, https or ftp; a file of the utility server is imported by its path')
  const address = taken(url)
  if (url.protocol === 'ftp:') ftpPath(address)
  return address
}

/** The address of a proxy. @throws Refusal import.url */
export function readProxy(text: string): Address {
  const url = parsed(text, 'the proxy')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Refusal('import.url', `${url.protocol} is no way to a proxy`, 'a proxy is http://HOST:PORT or https://HOST:PORT')
  return taken(url)
}

/** The path of a file or folder of this machine. @throws Refusal import.url */
export function readPath(text: string): string {
  if (isAbsolute(text) && !text.includes('\0')) return text
  throw new Refusal('import.url', `${JSON.stringify(text.slice(0, 200))} is no absolute path`, 'write the path from the root, such as /OVS/seed_pool/OEL5')
}

/** A checksum: `sha256:HEX` (md5, sha1, sha512 as well), or the 64 hex digits of a SHA-256 alone. @throws Refusal import.url */
export function readChecksum(text: string): Checksum {
  const [, name = 'sha256', hex = ''] = /^(?:([a-z0-9]+):)?([0-9a-f]+)$/i.exec(text.trim()) ?? []
  const algorithm = name.toLowerCase()
  if (Object.hasOwn(hexDigits, algorithm) && hex.length === hexDigits[algorithm as Checksum['algorithm']]) return { algorithm: algorithm as Checksum['algorithm'], hex: hex.toLowerCase() }
  throw new Refusal('import.url', `${JSON.stringify(text.slice(0, 150))} is no checksum`, 'write sha256: and 64 hex digits, sha512: and 128, sha1: and 40 or md5: and 32')
}

/** The path that a server of FTP is asked for: relative to where a login begins, `%2F` at the front is the root (RFC 1738). @throws Refusal import.url */
export function ftpPath(address: Address): string {
  const path = decoded(address.url.pathname.slice(1).replace(/;type=[ai]$/i, ''), 'the URL')
  // A line break would be a command of its own to the server.
  if (/[\x00-\x1f\x7f]/.test(path)) throw new Refusal('import.url', `the path of ${address.shown} holds control characters`)
  if (path === '' || path.endsWith('/')) throw new Refusal('import.url', `${address.shown} names no file`, 'a folder cannot be fetched by ftp: name the file in it')
  return path
}

/** Where a redirect leads, asked with the same login on the same origin only. @throws Refusal import.refused */
export function redirected(from: Address, location: string | null): Address {
  const url = location !== null && location.length <= longestUrl && URL.canParse(location, from.url.href) ? new URL(location, from.url) : null
  if (!url) throw new Refusal('import.refused', `${from.shown} sends on to nowhere`)
  const to = taken(url)
  if (url.protocol !== from.url.protocol) throw new Refusal('import.refused', `${from.shown} sends on to ${to.shown}: from ${from.url.protocol} to ${url.protocol}`, 'an import stays with the scheme it began with; if that address is right, import from it')
  return { ...to, login: to.login ?? (url.origin === from.url.origin ? from.login : null) }
}

function parsed(text: string, what: string): URL {
  if (text.length <= longestUrl && URL.canParse(text)) return new URL(text)
  // Never quoted: it may hold a password in a place that we do not know of.
  throw new Refusal('import.url', `${what} is malformed${text.length > longestUrl ? `: longer than ${longestUrl} characters` : ''}`, 'write SCHEME://HOST/PATH, with special characters of a name or password as %XX')
}

/** Takes the login out of a URL, and what belongs to the reader alone. */
function taken(url: URL): Address {
  const login = url.username || url.password ? { username: decoded(url.username, 'the user name'), password: decoded(url.password, 'the password') } : null
  // A line break in a name or password would be a command of its own to a server of FTP.
  if (login && /[\x00-\x1f\x7f]/.test(login.username + login.password)) throw new Refusal('import.url', 'the user name or password holds control characters')
  url.username = ''
  url.password = ''
  url.hash = ''
  // What stands in the query may be a key as good as a password.
  return { url, login, shown: `${url.protocol}//${url.host}${url.pathname}${url.search ? '?…' : ''}` }
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Refusal('import.url', `${what} holds a % that does not stand for a character`, 'write % itself as %25')
  }
}
