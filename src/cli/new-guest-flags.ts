import * as Flags from '@oclif/core/flags'
import type { ErrorCode } from '../model/errors.js'
import { guestFaults, togetherFaults } from '../model/guest-faults.js'
import { guestSpec, type GuestFields, type GuestSpec } from '../model/guest-spec.js'
import { expandNames, mostNewNames } from '../model/name-pattern.js'
import { bootDevices, visibilities, vmTypes } from '../model/object-states.js'
import { putField, ValueFault } from './guest-fields.js'
import { passwordOf } from './password-file.js'
import { Refusal } from './refusal.js'
import { listed, saidOf, withNear } from './told-faults.js'

const many = { multiple: true, multipleNonGreedy: true } as const

/** Flags of `vm create` that say what the guest is. Numbers are texts here, so that all that is wrong is told together. */
export const newGuestFlags = {
  pool: Flags.string({ helpValue: 'POOL', description: 'in this pool' }),
  template: Flags.string({ helpValue: 'TEMPLATE', description: 'from this template' }),
  iso: Flags.string({ helpValue: 'ISO', description: 'from this ISO: hvm, a new disk, and boots from the CD-ROM' }),
  pxe: Flags.boolean({ description: 'from the network: hvm, a new disk, and boots by PXE' }),
  'disk-mib': Flags.string({ helpValue: 'N', description: 'with an empty disk of so many MiB, or 20GiB' }),
  type: Flags.string({ helpValue: 'TYPE', options: [...vmTypes], description: "how it runs (default: as the template, the source or the operating system wants, else pv)" }),
  vcpus: Flags.string({ helpValue: 'N', description: "virtual CPUs (default: the template's, else 1)" }),
  'memory-mib': Flags.string({ helpValue: 'N', description: "memory in MiB, or 4GiB (default: the template's, else 1024)" }),
  nic: Flags.string({ ...many, helpValue: 'bridge=B[,mac=M]', description: "a network card (repeat; default: the template's, else one on xenbr0)" }),
  ha: Flags.boolean({ description: 'is started elsewhere when its server fails' }),
  'ha-priority': Flags.string({ helpValue: 'N', description: '0 to 100, the highest first (default 0)' }),
  server: Flags.string({ ...many, helpValue: 'SERVER', description: 'a server on which it is placed first (repeat)' }),
  'cpu-priority': Flags.string({ helpValue: 'N', description: '1 to 100: how much of a contested processor it gets' }),
  'cpu-cap': Flags.string({ helpValue: 'N', description: '1 to 100: the most it gets of its virtual CPUs, in percent' }),
  boot: Flags.string({ helpValue: 'DEVICE', options: [...bootDevices], description: 'what it boots from' }),
  os: Flags.string({ helpValue: 'OS', description: 'its operating system, such as el5 or windows2003' }),
  owner: Flags.string({ helpValue: 'USER', description: 'whose it is (default: yours)' }),
  group: Flags.string({ helpValue: 'GROUP', description: 'its group' }),
  visibility: Flags.string({ helpValue: 'WHO', options: [...visibilities], description: 'who sees it (default private)' }),
  tag: Flags.string({ ...many, helpValue: 'KEY=VALUE', description: 'a tag (repeat)' }),
  repo: Flags.string({ helpValue: 'REPO', description: 'the repository that its files go to (default: where there is most room)' }),
  'console-password-file': Flags.string({ helpValue: 'FILE', description: 'the first line is the password of its console' }),
  keyboard: Flags.string({ helpValue: 'LAYOUT', description: 'keyboard of its console (default en-us)' }),
  description: Flags.string({ helpValue: 'TEXT', description: 'what it is for' }),
  start: Flags.boolean({ description: 'start it when it is made' }),
}

/** The values of those flags, as oclif parsed them. */
export type NewGuestFlags = { [F in keyof typeof newGuestFlags]?: string | string[] | boolean | undefined }

/** The field that a flag sets. */
const fieldOf = {
  pool: 'pool', template: 'template', iso: 'iso', pxe: 'pxe', 'disk-mib': 'diskMiB', type: 'type', vcpus: 'vcpus', 'memory-mib': 'memoryMiB', nic: 'nics', ha: 'ha', 'ha-priority': 'haPriority', server: 'preferredServers',
  'cpu-priority': 'cpuPriority', 'cpu-cap': 'cpuCap', boot: 'bootDevice', os: 'os', owner: 'owner', group: 'group', visibility: 'visibility', tag: 'tags', repo: 'repository',
  'console-password-file': 'consolePassword', keyboard: 'keyboard', description: 'description', start: 'start',
} as const satisfies Record<keyof typeof newGuestFlags, keyof GuestSpec>

/** The flag that sets a field. */
export const flagOf: ReadonlyMap<keyof GuestSpec, string> = new Map<keyof GuestSpec, string>(Object.entries(fieldOf).map(([flag, field]) => [field, `--${flag}`]))

/** What is wrong with a flag, or with NAME. */
export interface FlagFault { flag: string; code: ErrorCode; message: string; hint: string | null }

/** Fields by the flags that were given, and which of them could not be read. */
export interface ReadFlags { fields: GuestFields; faults: FlagFault[]; unread: ReadonlySet<string> }

/**
 * What the flags say of every guest of a file. @param tell is told of a password that others may read
 * @throws Refusal usage.argument naming every flag that could not be read
 */
export function fieldsOfFlags(flags: NewGuestFlags, tell: (line: string) => void): GuestFields {
  const { fields, faults } = readFlags(flags, tell)
  refuse(faults)
  return fields
}

/**
 * The guests that names, or patterns of names, and flags ask for; all that is wrong is told together.
 * @param tell is told of a password that others may read @throws Refusal usage.argument, usage.name, vm.os-mode
 */
export function guestsOfFlags(names: readonly string[], flags: NewGuestFlags, tell: (line: string) => void): GuestSpec[] {
  const { fields, faults, unread } = readFlags(flags, tell)
  const expanded = namesOf(names, faults)
  const spec = guestSpec(fields)
  const sourceUnread = unread.has('diskMiB')
  for (const fault of guestFaults({ ...spec, name: expanded[0] ?? 'x' })) {
    if (unread.has(fault.field) || (sourceUnread && fault.field === 'template')) continue
    const { code, message, hint } = withNear(fault, spec)
    faults.push({ flag: flagOf.get(fault.field) ?? 'NAME', code, message, hint: fault.field === 'template' && message.startsWith('is missing') ? 'give one of --template T, --iso I, --pxe and --disk-mib N' : hint })
  }
  const specs = expanded.map(name => ({ ...spec, name }))
  for (const { fault } of togetherFaults(specs).slice(0, 1)) faults.push({ flag: flagOf.get(fault.field) ?? 'NAME', code: fault.code, message: fault.message, hint: fault.hint })
  refuse(faults)
  return specs
}

/** The names that some texts stand for; what is wrong with them is added to the faults. */
function namesOf(texts: readonly string[], faults: FlagFault[]): string[] {
  if (texts.length === 0) faults.push({ flag: 'NAME', code: 'usage.argument', message: 'is missing', hint: "name the guest, or several by a pattern: 'web{001..250}'" })
  const names: string[] = []
  for (const text of texts) {
    try {
      for (const name of expandNames(text, 'guest')) names.push(name)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      faults.push({ flag: 'NAME', code: error.code, message: error.message, hint: error.hint })
    }
    if (names.length > mostNewNames) throw new Refusal('usage.name', `more than ${mostNewNames} names, and so many are allowed`, 'make them by several commands')
  }
  return names
}

/** What flags say, read field by field. @param tell is told of a password that others may read */
export function readFlags(flags: NewGuestFlags, tell: (line: string) => void): ReadFlags {
  const fields: GuestFields = {}
  const faults: FlagFault[] = []
  const unread = new Set<string>()
  for (const [flag, field] of Object.entries(fieldOf) as [keyof typeof fieldOf, keyof GuestSpec][]) {
    const given = flags[flag]
    if (given === undefined) continue
    try {
      putField(fields, field, flag === 'console-password-file' ? passwordOf(given as string, `--${flag}`, tell) : flag === 'tag' ? tagsOf(given as string[]) : flag === 'server' ? (given as string[]).flatMap(one => one.split(',')) : given)
    } catch (error) {
      // What a file that cannot be read says of itself names the flag already.
      if (error instanceof Refusal) faults.push({ flag: '', code: error.code, message: error.message, hint: error.hint })
      else if (error instanceof ValueFault) faults.push({ flag: `--${flag}`, code: 'usage.argument', message: error.message, hint: error.hint })
      else throw error
      unread.add(field)
    }
  }
  return { fields, faults, unread }
}

/** @throws ValueFault */
function tagsOf(texts: readonly string[]): Record<string, string> {
  const pairs = texts.map(text => {
    const at = text.indexOf('=')
    if (at < 0) throw new ValueFault(`${JSON.stringify(text.slice(0, 80))} has no value`, 'write --tag KEY=VALUE')
    return [text.slice(0, at), text.slice(at + 1)] as const
  })
  return Object.fromEntries(pairs)
}

/** Tells all faults together. @throws Refusal when there is any fault */
export function refuse(faults: readonly FlagFault[]): void {
  const [first] = faults
  if (!first) return
  const code = faults.every(fault => fault.code === first.code) ? first.code : 'usage.argument'
  const details = faults.length > 1 ? { faults: faults.slice(0, 20), count: faults.length } : null
  throw new Refusal(code, listed(faults.map(({ flag, message }) => (flag === '' ? message : saidOf(flag, message))), faults.length), first.hint, details)
}
