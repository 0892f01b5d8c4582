import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Trust } from '../contract/remote.js'
import { Refusal } from '../model/errors.js'
import { checkName } from '../model/names.js'
import { fileReason } from '../disk/file-reason.js'
import { configFolder } from './places.js'
import { readBounded } from './read-bounded.js'

/** What a profile says of the manager's certificate; a CA file is read anew each time. */
export type KeptTrust = { kind: 'pinned'; fingerprint: string } | { kind: 'ca'; file: string } | { kind: 'system' }
/** A login with a manager, as it is kept: `manager` is `https://HOST:PORT`. */
export interface Profile { manager: string; user: string; farm: string; trust: KeptTrust; token: string; expiresAt: string }

/** The longest profile, and CA file, that is read, in bytes. */
const mostBytes = 1_048_576

const folder = () => join(configFolder(), 'profiles')
const fileOf = (name: string) => join(folder(), `${name}.json`)
const currentFile = () => join(configFolder(), 'profile')

/** The names of all profiles. */
export function profileNames(): string[] {
  try {
    return readdirSync(folder()).filter(file => file.endsWith('.json')).map(file => file.slice(0, -5)).sort()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

/** @throws Refusal profile.not-found, usage.config */
export function readProfile(name: string): Profile {
  let text: string
  try {
    checkName(name, 'profile')
    text = readBounded(fileOf(name), mostBytes)?.toString('utf8') ?? ''
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (error instanceof Refusal || code === 'ENOENT' || code === 'ENOTDIR') throw new Refusal('profile.not-found', `there is no profile ${JSON.stringify(name.slice(0, 80))}`, 'profile list shows what there is', { missing: [name] })
    throw new Refusal('usage.config', `the profile ${fileOf(name)} cannot be read: ${fileReason(error)}`, 'check who owns it')
  }
  const profile = parsed(text)
  if (profile === null) throw new Refusal('usage.config', `the profile ${fileOf(name)} is damaged`, `remove it, and add it anew: ovmcli profile remove ${name}`)
  return profile
}

/** Keeps a profile, for the eyes of its owner only. @throws Refusal usage.config */
export function keepProfile(name: string, profile: Profile): void {
  keep(fileOf(name), `${JSON.stringify(profile, null, 2)}\n`)
}

/** Forgets a profile. */
export function dropProfile(name: string): void {
  rmSync(fileOf(name), { force: true })
  if (currentProfile() === name) useProfile(null)
}

/** The profile that commands use when nothing else is named; null: none. */
export function currentProfile(): string | null {
  try {
    const name = readFileSync(currentFile(), 'utf8').split('\n', 1)[0]!.trim()
    return name === '' ? null : name
  } catch {
    return null
  }
}

/** Makes a profile the current one, or none of them. @throws Refusal usage.config */
export function useProfile(name: string | null): void {
  if (name === null) rmSync(currentFile(), { force: true })
  else keep(currentFile(), `${name}\n`)
}

/** What a profile, or a flag, says of a certificate, with the CA file read. @throws Refusal usage.argument */
export function trustOf(kept: KeptTrust): Trust {
  if (kept.kind !== 'ca') return kept
  try {
    const pem = readBounded(kept.file, mostBytes)?.toString('utf8') ?? ''
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return { kind: 'ca', pem }
  } catch (error) {
    throw new Refusal('usage.argument', `the CA file ${kept.file} cannot be read: ${fileReason(error)}`, 'it holds certificates as PEM')
  }
  throw new Refusal('usage.argument', `the CA file ${kept.file} holds no certificate`, 'it holds certificates as PEM')
}

function keep(path: string, text: string): void {
  const half = `${path}.${process.pid}`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(half, text, { mode: 0o600 })
    chmodSync(half, 0o600)
    renameSync(half, path)
  } catch (error) {
    rmSync(half, { force: true })
    throw new Refusal('usage.config', `${path} cannot be written: ${fileReason(error)}`, 'set OVMCLI_CONFIG_HOME to a folder that you may write to')
  }
}

function parsed(text: string): Profile | null {
  try {
    const profile = JSON.parse(text) as Profile
    const texts = [profile.manager, profile.user, profile.farm, profile.token, profile.expiresAt, profile.trust.kind, { pinned: (profile.trust as { fingerprint?: string }).fingerprint, ca: (profile.trust as { file?: string }).file, system: '' }[profile.trust.kind]]
    return texts.every(one => typeof one === 'string') && !Number.isNaN(Date.parse(profile.expiresAt)) ? profile : null
  } catch {
    return null
  }
}

/** The profile that is meant: the one named, or the one in use. @throws Refusal usage.argument, profile.not-found */
export function oneProfile(names: readonly string[], flag: string | undefined): string {
  if (names.length > 1) throw new Refusal('usage.argument', 'one profile at a time', 'name one')
  const name = names[0] ?? flag ?? currentProfile()
  if (name === null) throw new Refusal('profile.not-found', 'no profile was named, and none is in use', 'profile list shows what there is', { missing: [] })
  return name
}

/** The name of a profile that is to be added. @throws Refusal usage.argument, usage.name */
export function newProfile(names: readonly string[]): string {
  if (names.length !== 1) throw new Refusal('usage.argument', names.length === 0 ? 'no name of a profile was given' : `one name was expected, not ${names.length}`, 'write profile add NAME')
  return checkName(names[0]!, 'profile')
}
