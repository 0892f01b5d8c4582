import * as Flags from '@oclif/core/flags'
import type { OperationOptions } from '../contract/requests.js'
import { changeableFields, changeFaults, type GuestChange } from '../model/guest-change.js'
import { guestSpec } from '../model/guest-spec.js'
import { checkName } from '../model/names.js'
import { flagOf, newGuestFlags, readFlags, refuse, type FlagFault, type NewGuestFlags } from './new-guest-flags.js'
import { Refusal } from './refusal.js'
import { tagChangeOf } from './tag-change.js'
import { withNear } from './told-faults.js'

const { type, vcpus, 'memory-mib': memory, 'ha-priority': haPriority, 'cpu-priority': cpuPriority, 'cpu-cap': cpuCap, boot, os, owner, group, visibility, 'console-password-file': password, keyboard, description } = newGuestFlags
const many = { multiple: true, multipleNonGreedy: true } as const
const plain = <F extends { description?: string }>(flag: F): F => ({ ...flag, ...(flag.description ? { description: flag.description.replace(/ \(default.*\)$/, '') } : {}) })

/** Flags of `vm update` that say what the guest is to be: those of `vm create` that can change. */
export const guestChangeFlags = {
  rename: Flags.string({ helpValue: 'NEW', description: 'what it is called; of one guest only' }),
  tag: Flags.string({ ...many, helpValue: 'KEY=VALUE', description: 'set a tag (repeat)' }),
  untag: Flags.string({ ...many, helpValue: 'KEY', description: 'take a tag away (repeat)' }),
  vcpus: plain(vcpus), 'memory-mib': plain(memory),
  ha: Flags.boolean({ allowNo: true, description: 'is started elsewhere when its server fails, or no more' }),
  'ha-priority': plain(haPriority),
  server: newGuestFlags.server,
  'no-preferred': Flags.boolean({ exclusive: ['server'], description: 'no server is preferred any more' }),
  'cpu-priority': Flags.string({ helpValue: 'N|default', description: cpuPriority.description! }), 'cpu-cap': Flags.string({ helpValue: 'N|none', description: cpuCap.description! }),
  owner: plain(owner), group: plain(group),
  'no-group': Flags.boolean({ exclusive: ['group'], description: 'it has no group any more' }),
  visibility: plain(visibility), type: plain(type), os: plain(os), boot: plain(boot), keyboard: plain(keyboard), description: plain(description), 'console-password-file': password,
}

/** The values of those flags, as oclif parsed them. */
export type GuestChangeFlags = { [F in keyof typeof guestChangeFlags]?: string | string[] | boolean | undefined }

/** What takes a value away, by flag. */
const takenAway: Readonly<Partial<Record<keyof GuestChangeFlags, string>>> = { 'cpu-priority': 'default', 'cpu-cap': 'none', description: '' }

/** The change that flags ask for. @param tell is told of a password that others may read @throws Refusal usage.* with all that is wrong */
export function changeOfFlags(flags: GuestChangeFlags, tell: (line: string) => void): Partial<OperationOptions> {
  const away = (Object.keys(takenAway) as (keyof GuestChangeFlags)[]).filter(flag => flags[flag] === takenAway[flag])
  const { rename, tag, untag, 'no-preferred': noPreferred, 'no-group': noGroup, ...rest } = flags
  const { fields, faults, unread } = readFlags(Object.fromEntries(Object.entries(rest).filter(([flag]) => !away.includes(flag as keyof GuestChangeFlags))) as NewGuestFlags, tell)
  const change = Object.fromEntries(changeableFields.flatMap(field => (fields[field] === undefined ? [] : [[field, fields[field]]]))) as GuestChange
  if (rename !== undefined) change.name = checkName(rename as string, 'guest')
  if (noPreferred) change.preferredServers = []
  if (noGroup) change.group = null
  if (away.includes('cpu-priority')) change.cpuPriority = null
  if (away.includes('cpu-cap')) change.cpuCap = null
  if (away.includes('description')) change.description = null
  const tags = tag || untag ? tagChangeOf((tag as string[] | undefined) ?? [], (untag as string[] | undefined) ?? []) : null
  if (tags === null && Object.keys(change).length + faults.length === 0) throw new Refusal('usage.argument', 'nothing is to be changed', 'say what is to be otherwise, such as --memory-mib 2GiB or --tag KEY=VALUE')
  refuse([...faults, ...changeFaults(change).filter(fault => !unread.has(fault.field)).map((fault): FlagFault => ({ ...withNear(fault, guestSpec({ os: change.os ?? null })), flag: flagOf.get(fault.field) ?? `--${fault.field}` }))])
  const { consolePassword, ...details } = change
  return { tags, ...(consolePassword == null ? {} : { secret: consolePassword }), details: { ...details, ...(consolePassword == null ? {} : { consolePassword: true }) } }
}
