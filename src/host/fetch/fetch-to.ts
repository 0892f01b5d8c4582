import { stat } from 'node:fs/promises'
import { Refusal } from '../../model/errors.js'
import { readAddress, readChecksum, readPath, readProxy, type Source } from './address.js'
import { fetchFile } from './fetch-file.js'
import { fetchFolder } from './fetch-folder.js'
import { FtpFile } from './ftp-file.js'
import { HttpFile } from './http-file.js'
import type { Fetched, FetchManner, Way } from './manner.js'
import type { OneFile } from './opened.js'
import { Part } from './part.js'
import { PathFile, reading } from './path-file.js'
import { contentOf, isFolder } from './path-folder.js'
import { Watch } from './watch.js'

const usualSilenceMs = 60_000

/** Whether all that can be seen without asking anybody is right. @throws Refusal import.url */
export function checkSource(source: Source, { proxy, checksum }: Pick<FetchManner, 'proxy' | 'checksum'> = {}): void {
  if ('path' in source) readPath(source.path)
  else if (readAddress(source.url).url.protocol === 'ftp:' && proxy) throw new Refusal('import.url', 'ftp does not go through a proxy', 'leave --proxy out, or import by http')
  if (proxy) readProxy(proxy)
  if (checksum) readChecksum(checksum)
}

/**
 * How big a source is, in bytes, for looking whether there is room before anything is fetched: HEAD, SIZE, or the size of a
 * file or of all files of a folder. Null when the source does not say.
 * @throws Refusal import.url, import.not-found, import.unreachable, import.untrusted, import.refused; the reason of the signal
 */
export async function sizeOf(source: Source, way: Way = {}): Promise<number | null> {
  checkSource(source, way)
  if ('path' in source && await isFolderAt(source.path)) return (await contentOf(source.path)).bytes
  return watched(way, watch => fileOf(source, way).sizeBytes(watch))
}

/**
 * Brings a file, or a folder of this machine with all in it, to a target: the path that it will have, in a folder that is there.
 * The target appears whole or not at all; a file that was there is replaced in one step. A transfer that is cut, stopped or
 * dies leaves `TARGET.part` (`Part`) where it can be gone on with, else nothing; the next call goes on from there if the source
 * is still in the same state (If-Range, or size and time of change) and can start in the middle, and begins anew otherwise.
 * Folders always begin anew. Two calls with one target at once are the caller's to prevent.
 * @throws Refusal import.*; the reason of the signal
 */
export async function fetchTo(source: Source, target: string, manner: FetchManner = {}): Promise<Fetched> {
  checkSource(source, manner)
  const folder = 'path' in source && await isFolderAt(source.path)
  if (folder && manner.checksum) throw new Refusal('import.url', `${source.path} is a folder, and a checksum is of one file`, 'leave the checksum out')
  return watched(manner, watch => (folder ? fetchFolder(source.path, target, manner, watch) : fetchFile(fileOf(source, manner), target, manner, watch)))
}

/** Removes what a cut transfer to a target has left. @throws Refusal import.write */
export function dropPart(target: string): Promise<void> {
  return new Part(target).drop()
}

/** What messages and records may say of a source: of a URL no login, and nothing of its query. @throws Refusal import.url */
export function shownSource(source: Source): string {
  return 'path' in source ? readPath(source.path) : readAddress(source.url).shown
}

async function watched<T>({ signal, silenceMs = usualSilenceMs }: Way, work: (watch: Watch) => Promise<T>): Promise<T> {
  const watch = new Watch(silenceMs, signal)
  try {
    return await work(watch)
  } finally {
    watch.end()
  }
}

async function isFolderAt(path: string): Promise<boolean> {
  return isFolder(path, await reading(path, () => stat(path)))
}

function fileOf(source: Source, { proxy, ca }: Way): OneFile {
  if ('path' in source) return new PathFile(source.path)
  const address = readAddress(source.url)
  return address.url.protocol === 'ftp:' ? new FtpFile(address) : new HttpFile(address, proxy ? readProxy(proxy) : null, ca)
}
