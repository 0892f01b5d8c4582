import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { fileReason } from '../disk/file-reason.js'
import { writePrivate } from '../disk/private-file.js'
import { Refusal } from '../model/errors.js'

/** What a backup says of itself; times RFC 3339, `time` that of the farm's clock. */
export interface Manifest { farm: string; at: string; time: string; repositoryVersion: number; worldVersion: number; files: { name: string; bytes: number }[] }

/** The first line: what it is, and the SHA-256 of all that follows. */
const head = /^ovmcli-backup 1 ([0-9a-f]{64})\n/
const headBytes = 'ovmcli-backup 1 '.length + 64 + 1
/** The largest backup that is read, in bytes: Node holds no larger buffer on every machine. */
const mostBytes = 2_000_000_000

/** Writes a backup: a line with the checksum of the rest, a line of JSON that says what is in it, and the files, packed. @returns its bytes */
export function writeBackup(path: string, about: Omit<Manifest, 'files'>, files: readonly { name: string; content: Buffer }[]): number {
  const manifest: Manifest = { ...about, files: files.map(({ name, content }) => ({ name, bytes: content.length })) }
  const body = Buffer.concat([Buffer.from(`${JSON.stringify(manifest)}\n`), gzipSync(Buffer.concat(files.map(({ content }) => content)), { level: 1 })])
  const whole = Buffer.concat([Buffer.from(`ovmcli-backup 1 ${createHash('sha256').update(body).digest('hex')}\n`), body])
  try {
    writePrivate(path, whole)
  } catch (error) {
    throw new Refusal('manager.backup', `the backup ${path} cannot be written: ${fileReason(error)}`, 'name a file in a folder that you may write to, on a disk with room')
  }
  return whole.length
}

/** Reads a backup, every byte of it. @throws Refusal manager.backup */
export function readBackup(path: string): { manifest: Manifest; files: Map<string, Buffer>; bytes: number } {
  const whole = bytesOf(path)
  const damaged = (why: string) => new Refusal('manager.backup', `${path} is no backup that can be restored: ${why}`, 'take another one')
  const found = head.exec(whole.toString('latin1', 0, headBytes))
  if (!found) throw damaged('it does not begin as one')
  const body = whole.subarray(headBytes)
  if (createHash('sha256').update(body).digest('hex') !== found[1]) throw damaged('its checksum is another one')
  // From here on it is as it was written.
  const end = body.indexOf(10)
  const manifest = JSON.parse(body.toString('utf8', 0, end)) as Manifest
  const content = gunzipSync(body.subarray(end + 1))
  const files = new Map<string, Buffer>()
  let from = 0
  for (const { name, bytes } of manifest.files) files.set(name, content.subarray(from, from += bytes))
  return { manifest, files, bytes: whole.length }
}

function bytesOf(path: string): Buffer {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (error) {
    throw new Refusal('manager.backup', `the backup ${path} cannot be read: ${fileReason(error)}`, 'name a file that manager backup wrote')
  }
  try {
    const there = fstatSync(descriptor)
    if (!there.isFile() || there.size > mostBytes) throw new Refusal('manager.backup', `${path} is no backup: ${there.isFile() ? 'it is too large' : 'it is no file'}`, 'name a file that manager backup wrote')
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
