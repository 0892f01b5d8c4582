import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Trust } from '../contract/remote.js'
import { Refusal } from '../model/errors.js'
import { checkName, isName } from '../model/names.js'
import { keepConfigFile, mustBeWritable, removeConfigFile } from './config-file.js'
import { saysNoProfile } from './defaults.js'
import { fileReason } from '../disk/file-reason.js'
import { configFolder } from './places.js'
import { readBounded } from './read-bounded.js'

/** What a profile says of the manager's certificate; a CA file is read anew each time. */
export type KeptTrust = { kind: 'pinned'; fingerprint: string } | { kind: 'ca'; file: string } | { kind: 'system' }
/** A login with a manager, as it is kept: `manager` is `https://HOST:PORT`; `token` and `farm` are empty until somebody has logged in. */
export interface Profile { manager: string; user: string; farm: string; trust: KeptTrust; token: string; expiresAt: string }

/** The longest profile, and CA file, that is read, in bytes. */
const mostBytes = 1_048_576

const folder = () => join(configFolder(), 'profiles')
/** Where a profile is kept. */
export const fileOf = (name: string) => join(folder(), `${name}.json`)
const currentFile = () => join(configFolder(), 'profile')

/** The names of all profiles. */
export function profileNames(): string[] {
  try {
    return readdirSync(folder()).filter(file => file.endsWith('.json')).map(file => file.slice(0, -5)).filter(isName).sort()
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

/** The profile of a name; null where there is none, or nothing can be made of it: whoever adds one of that name replaces it. */
export function knownProfile(name: string): Profile | null {
  try {
    return readProfile(name)
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

/** Keeps a profile, for the eyes of its owner only. @throws Refusal store.* */
export function keepProfile(name: string, profile: Profile): void {
  keepConfigFile(fileOf(name), `${JSON.stringify(profile, null, 2)}\n`)
}

/** Forgets a profile. @throws Refusal store.* */
export function dropProfile(name: string): void {
  removeConfigFile(fileOf(name))
  if (keptProfile() === name) useProfile(null)
}

/** Whether profiles may be forgotten, before anything is done about it. @throws Refusal store.* where they may not */
export function mustBeAbleToForget(): void {
  mustBeWritable(folder())
}

/** The profile that commands use when nothing else is named; null: none. An empty OVMCLI_PROFILE says none. */
export function currentProfile(): string | null {
  return saysNoProfile() ? null : keptProfile()
}

/** The profile that `profile use` chose. */
function keptProfile(): string | null {
  try {
    const name = readFileSync(currentFile(), 'utf8').split('\n', 1)[0]!.trim()
    return name === '' ? null : name
  } catch {
    return null
  }
}

/** Makes a profile the current one, or none of them. @throws Refusal store.* */
export function useProfile(name: string | null): void {
  if (name === null) removeConfigFile(currentFile())
  else keepConfigFile(currentFile(), `${name}\n`)
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

function parsed(text: string): Profile | null {
  try {
    const profile = JSON.parse(text) as Profile
    const texts = [profile.manager, profile.user, profile.farm, profile.token, profile.expiresAt, profile.trust.kind, { pinned: (profile.trust as { fingerprint?: string }).fingerprint, ca: (profile.trust as { file?: string }).file, system: '' }[profile.trust.kind]]
    return texts.every(one => typeof one === 'string') && !Number.isNaN(Date.parse(profile.expiresAt)) && isPlace(profile.manager) ? profile : null
  } catch {
    return null
  }
}

/** Whether a text is a URL that a manager can have. */
function isPlace(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:'
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
