import type { NicSpec } from './nic.js'
import type { BootDevice, Visibility, VmType } from './object-states.js'

/**
 * A guest that is to be made (`vm create`), as somebody wants it. What is null is left to the source or to the manager
 * (guest-defaults.ts). It is made from exactly one of `template`, `iso`, `pxe` and `diskMiB`, an empty disk of that size.
 * Templates, ISOs, pools, servers, users and repositories are named as anywhere: name, id or `pool/name`.
 */
export interface GuestSpec {
  name: string
  pool: string
  template: string | null
  iso: string | null
  pxe: boolean
  diskMiB: number | null
  type: VmType | null
  os: string | null
  vcpus: number | null
  memoryMiB: number | null
  /** null: those of the template, else one on the usual bridge; an empty list: none */
  nics: NicSpec[] | null
  ha: boolean
  haPriority: number
  /** where it is placed first when it starts */
  preferredServers: string[]
  /** how much of a contested processor it gets, 1 (least) to 100; null: the hypervisor's usual */
  cpuPriority: number | null
  /** the most it gets of its virtual CPUs, in percent; null: all there is */
  cpuCap: number | null
  bootDevice: BootDevice | null
  /** null: whoever makes it */
  owner: string | null
  group: string | null
  visibility: Visibility
  tags: Record<string, string>
  /** null: where there is most room */
  repository: string | null
  /** asked by VNC; a secret, in no list, event or error */
  consolePassword: string | null
  keyboard: string
  description: string | null
  /** start it when it is made */
  start: boolean
}

/** Of a guest what somebody said. */
export type GuestFields = Partial<GuestSpec>

/** What of a guest says where it comes from: said anew, all of it is. */
export const sourceFields = ['template', 'iso', 'pxe', 'diskMiB'] as const

/** A guest of which only this was said; a missing name or pool is an empty text. */
export function guestSpec(fields: GuestFields): GuestSpec {
  return {
    name: '', pool: '', template: null, iso: null, pxe: false, diskMiB: null, type: null, os: null, vcpus: null, memoryMiB: null, nics: null, ha: false, haPriority: 0,
    preferredServers: [], cpuPriority: null, cpuCap: null, bootDevice: null, owner: null, group: null, visibility: 'private', tags: {}, repository: null,
    consolePassword: null, keyboard: 'en-us', description: null, start: false, ...fields,
  }
}

/** Where a guest comes from, in the words of sourceFields: none or several when it is not right. */
export function sourcesOf(fields: GuestFields): (typeof sourceFields)[number][] {
  return sourceFields.filter(field => fields[field] !== undefined && fields[field] !== null && fields[field] !== false)
}

/** What was said of one guest over what was said of all: a source replaces the source, tags add up, anything else replaces. */
export function overlaidFields(general: GuestFields, own: GuestFields): GuestFields {
  const base = { ...general }
  if (sourcesOf(own).length > 0) for (const field of sourceFields) delete base[field]
  return { ...base, ...own, ...((general.tags || own.tags) && { tags: { ...general.tags, ...own.tags } }) }
}
