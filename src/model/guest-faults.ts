import type { ErrorCode } from './errors.js'
import { typeOf } from './guest-defaults.js'
import { checkOsMode } from './guest-os.js'
import { sourcesOf, type GuestSpec } from './guest-spec.js'
import { isName } from './names.js'
import { isBridge, macFault, parseMac } from './nic.js'
import { isTagKey, isTagValue, tagRules } from './tags.js'

/** What is wrong with one field of a new guest. The message is what a field's name and a colon go before; it never holds a secret. */
export interface GuestFault { field: keyof GuestSpec; code: ErrorCode; message: string; hint: string | null }

/**
 * Bounds of what a guest may have, each from … to. haPriority: model.md. cpuPriority and cpuCap: a priority out of 100 and a
 * percentage, as Oracle's note on scheduling in Oracle VM 2.2 has them (blogs.oracle.com, "CPU Scheduling Priority and Cap"). The
 * rest is our choice, no published figure being at hand: the API's MEMORY_LOWERBOUND is known by name only; 32 vcpus, 1 TiB of memory and
 * 16 TiB of disk are what we take Xen 3.4 and OCFS2 to bear. They catch slips of the keyboard: whether there is room, capacity tells.
 */
export const guestBounds = {
  vcpus: [1, 32], memoryMiB: [64, 1_048_576], diskMiB: [1, 16_777_216], haPriority: [0, 100], cpuPriority: [1, 100], cpuCap: [1, 100],
} as const

/** The most network cards of a guest: our choice, what we take the device model of Xen 3.4 to emulate. */
export const mostNics = 8
/** The most preferred servers: the soft limit of servers in a pool (seed). */
const mostPreferred = 32
/** The longest description, and the longest name of something else, in characters. */
const [longestDescription, longestReference] = [1_000, 200]

/** Keyboards: the layouts that QEMU, the device model, has maps for (its option -k). */
export const keyboards = 'ar da de de-ch en-gb en-us es et fi fo fr fr-be fr-ca fr-ch hr hu is it ja lt lv mk nl nl-be no pl pt pt-br ru sl sv th tr'.split(' ')

const control = /[\u0000-\u001f\u007f-\u009f]|\p{Cs}/u

/** All that is wrong with a new guest, as far as it can be told from its fields alone; empty when it is right. */
export function guestFaults(spec: GuestSpec): GuestFault[] {
  const faults: GuestFault[] = []
  const add = (field: keyof GuestSpec, message: string, hint: string | null = null, code: ErrorCode = 'usage.argument') => { faults.push({ field, code, message, hint }) }

  if (spec.name === '') add('name', 'is missing', 'every guest has a name')
  else if (!isName(spec.name)) add('name', `${quoted(spec.name)} cannot be the name of a guest`, 'a name starts with a letter or digit and holds at most 63 of A-Z a-z 0-9 . _ -', 'usage.name')
  if (spec.pool === '') add('pool', 'is missing', 'say which pool it is made in')
  checkReferences(spec, add)
  checkSource(spec, add)
  for (const [field, [least, most]] of Object.entries(guestBounds) as [keyof typeof guestBounds, readonly [number, number]][]) {
    const value = spec[field]
    if (value !== null && !(Number.isInteger(value) && value >= least && value <= most)) add(field, `${value} is not a whole number from ${least} to ${most}${field.endsWith('MiB') ? ' (MiB)' : ''}`)
  }
  checkMode(spec, add)
  checkNics(spec, add)
  checkTexts(spec, add)
  return faults
}

type Add = (field: keyof GuestSpec, message: string, hint?: string | null, code?: ErrorCode) => void

function checkReferences(spec: GuestSpec, add: Add): void {
  for (const field of ['pool', 'template', 'iso', 'owner', 'group', 'repository'] as const) {
    const text = spec[field]
    if (text === null || (field === 'pool' && text === '')) continue
    if (!isReference(text)) add(field, `${quoted(text)} names nothing`)
  }
  const bad = spec.preferredServers.find(text => !isReference(text))
  if (bad !== undefined) add('preferredServers', `${quoted(bad)} names nothing`)
  if (spec.preferredServers.length > mostPreferred) add('preferredServers', `${spec.preferredServers.length} servers are more than ${mostPreferred}`)
}

function isReference(text: string): boolean {
  return text.trim() !== '' && text.length <= longestReference && !control.test(text)
}

function checkSource(spec: GuestSpec, add: Add): void {
  const sources = sourcesOf(spec)
  if (sources.length === 0) add('template', 'is missing, and so is every other source', 'a guest is made from a template, an ISO, the network (pxe) or an empty disk (diskMiB): say which')
  if (sources.length > 1) add(sources[1]!, `goes not with ${sources.filter(field => field !== sources[1]).join(' and ')}`, 'a guest is made from one of a template, an ISO, the network (pxe) and an empty disk (diskMiB)')
}

function checkMode(spec: GuestSpec, add: Add): void {
  const type = typeOf(spec)
  if (type === 'pv') {
    if (spec.iso !== null) add('type', 'pv goes not with an ISO: a pv guest has no CD-ROM', 'say hvm, or leave the type out')
    if (spec.pxe) add('type', 'pv goes not with pxe: a pv guest cannot boot from the network', 'say hvm, or leave the type out')
    if (spec.bootDevice === 'cdrom' || spec.bootDevice === 'pxe') add('bootDevice', `${spec.bootDevice} is for hvm guests, and this one is pv`, 'say hdd, or hvm')
  }
  if (spec.os !== null) {
    const fault = checkOsMode(spec.os, type)
    if (fault) add('os', fault.message, fault.hint, fault.code)
  }
  if ((spec.pxe || spec.bootDevice === 'pxe') && spec.nics?.length === 0) add('nics', 'there is none to boot from the network by')
}

function checkNics(spec: GuestSpec, add: Add): void {
  const nics = spec.nics ?? []
  if (nics.length > mostNics) add('nics', `${nics.length} are more than ${mostNics}`)
  const macs = new Set<string>()
  for (const { bridge, mac } of nics) {
    if (!isBridge(bridge)) add('nics', `${quoted(bridge)} cannot be the name of a bridge`, 'a bridge is named such as xenbr0, at most 15 characters')
    if (mac === null) continue
    const fault = macFault(mac)
    if (fault !== null) add('nics', fault, 'write six octets such as 00:16:3e:0a:0b:0c, or leave the address out')
    const own = parseMac(mac) ?? mac
    if (macs.has(own)) add('nics', `${own} is there more than once`)
    macs.add(own)
  }
}

function checkTexts(spec: GuestSpec, add: Add): void {
  for (const [key, value] of Object.entries(spec.tags)) {
    if (!isTagKey(key)) add('tags', `${quoted(key)} cannot be the key of a tag`, tagRules.key)
    if (!isTagValue(value)) add('tags', `${quoted(value)} cannot be the value of a tag`, tagRules.value)
  }
  // VNC takes no more of a password than eight characters (RFC 6143, 7.2.2): a longer one would be weaker than it looks.
  if (spec.consolePassword !== null && !/^[\x21-\x7e]{1,8}$/.test(spec.consolePassword)) add('consolePassword', 'has not 1 to 8 letters, digits and signs', 'VNC takes no more than 8, and no blanks')
  if (!keyboards.includes(spec.keyboard)) add('keyboard', `${quoted(spec.keyboard)} is no keyboard that is known`, `one of ${keyboards.join(' ')}`)
  if (spec.description !== null && (spec.description.length > longestDescription || control.test(spec.description.replace(/[\t\n\r]/g, '')))) add('description', `is longer than ${longestDescription} characters, or holds control characters`)
}

/** Guests of one request that cannot be there together: the same name in the same pool, or the same address. `at` and `first` count from 0. */
export function togetherFaults(specs: readonly GuestSpec[]): { at: number; first: number; fault: GuestFault }[] {
  const found: { at: number; first: number; fault: GuestFault }[] = []
  const [names, macs] = [new Map<string, number>(), new Map<string, number>()]
  specs.forEach((spec, at) => {
    const place = `${spec.pool}/${spec.name}`
    const first = names.get(place)
    if (first === undefined) names.set(place, at)
    // What is no name is told of as that.
    else if (isName(spec.name)) found.push({ at, first, fault: { field: 'name', code: 'usage.name', message: `${spec.name} is there more than once in pool ${spec.pool}`, hint: 'a name is unique in its pool' } })
    for (const mac of new Set(spec.nics?.flatMap(nic => (nic.mac === null ? [] : [parseMac(nic.mac) ?? nic.mac])))) {
      const other = macs.get(mac)
      if (other === undefined) macs.set(mac, at)
      else found.push({ at, first: other, fault: { field: 'nics', code: 'usage.argument', message: `${mac} is the address of another guest too`, hint: 'leave the address out: each gets its own' } })
    }
  })
  return found
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
