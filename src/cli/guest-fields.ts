import { keyboards } from '../model/guest-faults.js'
import { guestOsNames } from '../model/guest-os.js'
import type { GuestFields, GuestSpec } from '../model/guest-spec.js'
import { parseMac, type NicSpec } from '../model/nic.js'
import { bootDevices, visibilities, vmTypes } from '../model/object-states.js'
import { parseSizeMiB } from '../model/units.js'
import { nearest } from './near.js'

/** What a value cannot be read as, without the name of its field. */
export class ValueFault extends Error {
  constructor(message: string, readonly hint: string | null = null) {
    super(message)
  }
}

/** Reads a value as it stands in a flag, a cell or a document. @throws ValueFault */
type Reader<T> = (given: unknown) => T

const text: Reader<string> = given => {
  if (typeof given === 'string') return given
  if (typeof given === 'number' || typeof given === 'boolean') return String(given)
  throw new ValueFault(`${shown(given)} is no text`)
}

/** A text that no message may repeat. */
const secret: Reader<string> = given => {
  if (typeof given === 'string') return given
  throw new ValueFault('is no text', 'put it in quotes')
}

const whole: Reader<number> = given => {
  const value = typeof given === 'string' && /^[+-]?\d{1,15}$/.test(given.trim()) ? Number(given) : given
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new ValueFault(`${shown(given)} is no whole number`)
}

const size: Reader<number> = given => {
  const mib = typeof given === 'string' ? parseSizeMiB(given.slice(0, 40)) : typeof given === 'number' ? given : null
  if (mib !== null && Number.isSafeInteger(mib)) return mib
  throw new ValueFault(`${shown(given)} is no size in whole MiB`, 'write MiB, such as 2048, or with a unit, such as 4GiB')
}

const flag: Reader<boolean> = given => {
  if (typeof given === 'boolean') return given
  const word = typeof given === 'string' ? given.trim().toLowerCase() : ''
  if (['true', 'yes'].includes(word)) return true
  if (['false', 'no'].includes(word)) return false
  throw new ValueFault(`${shown(given)} is neither true nor false`)
}

function oneOf<const W extends string>(words: readonly W[]): Reader<W> {
  return given => {
    const word = text(given).trim()
    const found = words.find(one => one === word)
    if (found !== undefined) return found
    throw new ValueFault(`${shown(given)} is none of ${words.join(', ')}`, didYouMean(word, words))
  }
}

/** Names in a list, or in a text apart by `|`, commas or blanks, of which no name holds any. */
const names: Reader<string[]> = given => (Array.isArray(given) ? given.map(text) : text(given).split(/[|,;\s]+/).filter(name => name !== ''))

/** Network cards in a list, each a text or an object; or in a text, apart by `|`. */
const nics: Reader<NicSpec[]> = given => {
  if (Array.isArray(given)) return given.map(nicOf)
  return typeof given === 'string' ? given.split('|').filter(part => part.trim() !== '').map(nicOf) : [nicOf(given)]
}

/** One network card: `bridge=B,mac=M`, with a semicolon as well, or an object of both. @throws ValueFault */
export function nicOf(given: unknown): NicSpec {
  const pairs = typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.entries(given) : pairsOf(text(given))
  const hint = 'write bridge=xenbr0, or bridge=xenbr0,mac=00:16:3e:0a:0b:0c'
  const card = new Map<string, unknown>()
  for (const [key, value] of pairs) {
    if (key !== 'bridge' && key !== 'mac') throw new ValueFault(`a network card has a bridge and a mac, and no ${shown(key)}`, hint)
    if (card.has(key)) throw new ValueFault(`${shown(given)} says ${key} twice`, hint)
    card.set(key, value)
  }
  const [bridge, mac] = [card.get('bridge') ?? '', card.get('mac') ?? ''].map(value => text(value).trim())
  if (!bridge) throw new ValueFault(`${shown(given)} names no bridge`, hint)
  return { bridge, mac: mac ? (parseMac(mac) ?? mac) : null }
}

function pairsOf(given: string): [string, string][] {
  return given.split(/[,;]/).map(part => {
    const at = part.indexOf('=')
    return at < 0 ? [part.trim(), ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()]
  })
}

const tags: Reader<Record<string, string>> = given => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new ValueFault(`${shown(given)} is no list of tags`, 'write tags: {tier: web}, or a column tag.tier')
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, text(value)]))
}

/** How each field of a new guest is read; its names are the columns of a file of guests. */
const readers: { readonly [F in keyof GuestSpec]: Reader<GuestSpec[F]> } = {
  name: text, pool: text, template: text, iso: text, pxe: flag, diskMiB: size, type: oneOf(vmTypes), os: text, vcpus: whole, memoryMiB: size, nics, ha: flag, haPriority: whole,
  preferredServers: names, cpuPriority: whole, cpuCap: whole, bootDevice: oneOf(bootDevices), owner: text, group: text, visibility: oneOf(visibilities), tags, repository: text,
  consolePassword: secret, keyboard: oneOf(keyboards), description: text, start: flag,
}

/** The fields of a new guest, in order. */
export const guestFieldNames = Object.keys(readers) as (keyof GuestSpec)[]

/** Whether a word is the name of a field. */
export function isGuestField(word: string): word is keyof GuestSpec {
  return Object.hasOwn(readers, word)
}

/** Puts a value into fields as it was given. @throws ValueFault */
export function putField<F extends keyof GuestSpec>(fields: GuestFields, field: F, given: unknown): void {
  fields[field] = readers[field](given) as GuestFields[F]
}

/** What the name of an operating system that is not known may mean. */
export function nearOs(text: string): string | null {
  return didYouMean(text.toLowerCase(), guestOsNames)
}

/** The nearest of some words as a hint. */
export function didYouMean(word: string, words: readonly string[]): string | null {
  const near = nearest(word, words)
  return near === null ? null : `did you mean ${near}?`
}

function shown(given: unknown): string {
  const written = typeof given === 'object' && given !== null ? (Array.isArray(given) ? 'a list' : 'an object') : JSON.stringify(given)
  return written.length > 60 ? `${written.slice(0, 60)}…` : written
}
