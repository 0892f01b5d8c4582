import type { ErrorCode } from './errors.js'
import type { VmType } from './object-states.js'

/** One operating system: what it is called, how it may run, and what else people write for it. */
interface OsFacts { readonly label: string; readonly modes: readonly VmType[]; readonly aliases: readonly string[] }

const both = ['pv', 'hvm'] as const
const hvm = ['hvm'] as const
const enterprise = (release: number) => [`ol${release}`, `oel${release}`, `rhel${release}`, `centos${release}`, `Oracle Linux ${release}`, `Enterprise Linux ${release}`, `Red Hat Enterprise Linux ${release}`]
const windows = (...aliases: string[]) => aliases.map(alias => `win${alias}`)

/**
 * Which operating system runs in which mode. Sources: the seed ("Red Hat Linux and Oracle Enterprise Linux in
 * paravirtualization mode and Red Hat Linux, Oracle Enterprise Linux, Solaris 10 and Windows in hardware virtualization mode";
 * Xen kernels "for Linux, NetBSD, FreeBSD, and Novell Netware"; Windows has drivers, but no Xen kernel); Oracle's note 468634.1 for
 * the releases of Windows up to 2008. Ours, without a source: el3 as hvm only (its makers have no Xen kernel of it), el6, SUSE and
 * Windows 7. `other-linux` and `other` are for what is not here: whether they have a Xen kernel only their owner knows, so
 * both modes are open to them.
 */
export const guestOs = {
  el3: { label: 'Oracle Enterprise Linux 3', modes: hvm, aliases: enterprise(3) },
  el4: { label: 'Oracle Enterprise Linux 4', modes: both, aliases: enterprise(4) },
  el5: { label: 'Oracle Enterprise Linux 5', modes: both, aliases: enterprise(5) },
  el6: { label: 'Oracle Enterprise Linux 6', modes: both, aliases: enterprise(6) },
  sles10: { label: 'SUSE Linux Enterprise Server 10', modes: both, aliases: ['suse10'] },
  sles11: { label: 'SUSE Linux Enterprise Server 11', modes: both, aliases: ['suse11'] },
  'other-linux': { label: 'another Linux', modes: both, aliases: ['linux'] },
  freebsd: { label: 'FreeBSD', modes: both, aliases: [] },
  netbsd: { label: 'NetBSD', modes: both, aliases: [] },
  netware: { label: 'Novell NetWare', modes: both, aliases: [] },
  solaris10: { label: 'Solaris 10', modes: hvm, aliases: ['solaris', 'sol10', 'Oracle Solaris 10'] },
  windows2000: { label: 'Windows 2000', modes: hvm, aliases: windows('2000', '2k') },
  windowsxp: { label: 'Windows XP', modes: hvm, aliases: [...windows('xp'), 'Windows XP Professional'] },
  windows2003: { label: 'Windows Server 2003', modes: hvm, aliases: [...windows('2003', '2k3'), 'Windows 2003'] },
  windowsvista: { label: 'Windows Vista', modes: hvm, aliases: windows('vista') },
  windows2008: { label: 'Windows Server 2008', modes: hvm, aliases: [...windows('2008', '2k8'), 'Windows 2008'] },
  windows7: { label: 'Windows 7', modes: hvm, aliases: windows('7') },
  other: { label: 'another operating system', modes: both, aliases: [] },
} as const satisfies Record<string, OsFacts>

/** An operating system of the table. */
export type GuestOs = keyof typeof guestOs

export const guestOsNames = Object.keys(guestOs) as GuestOs[]

/** Case, blanks and signs between do not matter: `Windows Server 2003`, `windows-server-2003`. */
const squeezed = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')

const byName: ReadonlyMap<string, GuestOs> = new Map(guestOsNames.flatMap(os => [os, guestOs[os].label, ...guestOs[os].aliases].map(name => [squeezed(name), os] as const)))

/** The operating system that a name or an alias means; null when it is none of the table. */
export function osNamed(text: string): GuestOs | null {
  return text.length > 80 ? null : (byName.get(squeezed(text)) ?? null)
}

/** The modes that an operating system runs in. */
export function modesOf(os: GuestOs): readonly VmType[] {
  return guestOs[os].modes
}

/**
 * Why an operating system cannot run in a mode, or is not known; null when all is well. The list is closed: of an open one a
 * typing mistake would pass, and with it the rule (`widnows2003` in pv); what is missing is `other-linux` or `other`. A `type`
 * of null asks for the name alone.
 */
export function checkOsMode(text: string, type: VmType | null): { code: ErrorCode; message: string; hint: string } | null {
  const os = osNamed(text)
  if (os === null) return { code: 'usage.argument', message: `${JSON.stringify(text.slice(0, 80))} is no operating system that is known`, hint: `one of ${guestOsNames.join(' ')}; other-linux or other for the rest` }
  const modes = modesOf(os)
  if (type === null || modes.includes(type)) return null
  return { code: 'vm.os-mode', message: `${guestOs[os].label} (${os}) does not run in mode ${type}`, hint: `it runs in mode ${modes.join(' or ')}` }
}
