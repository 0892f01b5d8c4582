import { createHash, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { diskRefusal } from '../disk/disk-refusal.js'
import { makeFolder } from '../disk/folder.js'
import { stagePrivate, type Staged } from '../disk/private-file.js'
import { Refusal } from '../model/errors.js'

/** The certificate of a manager and its key, as PEM. */
export interface TlsPair { cert: string; key: string }

/** What a certificate says of itself. `fingerprint` is that of SHA-256, in hexadecimal digits with colons, as openssl prints it. */
export interface CertificateFacts { fingerprint: string; notAfter: string; hosts: string[] }

const names = { cert: 'cert.pem', key: 'key.pem' } as const
const folderOf = (farmFolder: string) => join(farmFolder, 'service')

/** Whether the manager of a farm has its certificate. */
export function isInitialised(farmFolder: string): boolean {
  return existsSync(join(folderOf(farmFolder), names.cert))
}

/**
 * Writes certificate and key into the folder of a farm, for its owner's eyes only; they take their places when that is said, the key
 * first, so that a certificate without one is never there. @throws Refusal store.*, now and then, leaving nothing behind
 */
export function stagePair(farmFolder: string, pair: TlsPair): Staged {
  const folder = folderOf(farmFolder)
  const onDisk = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw diskRefusal(error, `the certificate cannot be written in ${folder}`, 'check who owns the folder, and how its disk is mounted')
    }
  }
  const staged = onDisk(() => {
    makeFolder(folder)
    return stagePrivate((['key', 'cert'] as const).map(name => ({ path: join(folder, names[name]), content: pair[name] })))
  })
  return { ...staged, place: () => onDisk(staged.place) }
}

/** @throws Refusal manager.not-initialised, store.unreadable */
export function readPair(farmFolder: string, farm: string): TlsPair {
  if (!isInitialised(farmFolder)) throw new Refusal('manager.not-initialised', `the manager of farm ${farm} has no certificate yet`, `make one with: ovmcli manager init --farm ${farm} --admin-password-file FILE, or give that flag to manager serve`)
  try {
    return { cert: readFileSync(join(folderOf(farmFolder), names.cert), 'utf8'), key: readFileSync(join(folderOf(farmFolder), names.key), 'utf8') }
  } catch (error) {
    throw new Refusal('store.unreadable', `the certificate of farm ${farm} cannot be read (${(error as NodeJS.ErrnoException).code})`, `renew it with: ovmcli manager init --farm ${farm} --force`)
  }
}

/** What a certificate says. @throws Refusal store.corrupt */
export function certificateFacts(cert: string): CertificateFacts {
  try {
    const read = new X509Certificate(cert)
    const fingerprint = createHash('sha256').update(read.raw).digest('hex').toUpperCase().replace(/(..)(?=.)/g, '$1:')
    const hosts = (read.subjectAltName ?? '').split(', ').map(one => one.replace(/^(?:DNS|IP Address):/, '')).filter(one => one !== '')
    return { fingerprint, notAfter: new Date(read.validTo).toISOString().replace('.000Z', 'Z'), hosts }
  } catch {
    throw new Refusal('store.corrupt', 'the certificate of the manager cannot be read', 'renew it with: ovmcli manager init --force')
  }
}
