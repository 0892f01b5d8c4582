import { Refusal } from './errors.js'
import { pythonOf, readAssignments, type Assignments, type LineFault, type PythonNode, type PythonValue } from './python-values.js'

/** A virtual disk or CD-ROM drive of a vm.cfg. */
export interface VmCfgDisk {
  /** how Xen opens it: `file`, `phy`, `tap:aio` … */
  backend: string
  /** path of the image or device; empty: a drive with nothing in it */
  file: string
  /** as the guest sees it: `xvda`, `hdc`, `sda` */
  device: string
  /** read, write, or write although others do as well (shared) */
  mode: 'r' | 'w' | 'w!'
  cdrom: boolean
}

/** A network card of a vm.cfg; null: Xen chooses. */
export interface VmCfgNic {
  mac: string | null
  bridge: string | null
  type: 'netfront' | 'ioemu' | null
  /** everything else that is said of it, such as its rate */
  options: Record<string, string>
}

/** What a hvm guest may boot from, in the order in which it tries. */
export type BootDevice = keyof typeof bootLetters

/** A guest as its vm.cfg tells it (Oracle VM 2.x, Xen 3.4). */
export interface VmCfg {
  name: string | null
  type: 'pv' | 'hvm'
  vcpus: number
  memoryMiB: number
  /** as much as `memoryMiB` unless it says otherwise */
  maxMemoryMiB: number
  disks: VmCfgDisk[]
  nics: VmCfgNic[]
  boot: BootDevice[]
  /** a secret */
  vncPassword: string | null
  /** keymap, such as `en-us` */
  keyboard: string | null
  os: string | null
  /** what `vfb` says beside password and keymap; null: there is no paravirtual framebuffer */
  framebuffer: Record<string, string> | null
  /** all that is not understood here, kept as it is */
  others: Record<string, PythonValue>
}

/** What Oracle VM 2.2 writes for every guest of a kind (research/ovmcli.md, section 4): for `others` of a new one. */
export const usualSettings: Record<VmCfg['type'], Record<string, PythonValue>> = {
  pv: { bootloader: '/usr/bin/pygrub', on_crash: 'destroy', on_reboot: 'restart' },
  hvm: { acpi: 1, apic: 1, device_model: '/usr/lib/xen/bin/qemu-dm', kernel: '/usr/lib/xen/boot/hvmloader', on_crash: 'destroy', on_reboot: 'restart' },
}

/** The most characters of a vm.cfg: those of Oracle VM have about a thousand. */
const mostCharacters = 256 * 1024

/** How many faults a refusal lists. */
const mostFaults = 100

/** MAX_VIRT_CPUS of Xen. */
const mostVcpus = 8_192

/** 16 TiB, what Xen can address. */
const mostMemoryMiB = 16 * 1024 * 1024

const bootLetters = { floppy: 'a', disk: 'c', cdrom: 'd', network: 'n' } as const

/**
 * Reads a vm.cfg. Nothing in it is evaluated; keys that are not known are kept.
 * @throws Refusal import.vm-cfg; details: all faults (the first hundred), each `{ line, message }`
 */
export function readVmCfg(text: string): VmCfg {
  if (text.length > mostCharacters) throw refusalOf([{ line: 1, message: `it has more than ${mostCharacters} characters` }])
  const read = readAssignments(text)
  const cfg = new Settings(read).cfg()
  const { faults } = read
  if (faults.length > 0) throw refusalOf(faults.sort((a, b) => a.line - b.line))
  return cfg
}

/** What stands for itself; everything else is another setting. */
const known = ['name', 'builder', 'vcpus', 'memory', 'maxmem', 'disk', 'vif', 'boot', 'vncpasswd', 'keymap', 'vfb', 'OVM_os_type']

/** A vm.cfg that reads back as what it was made of, as long as no text of that is empty (null says that there is none). */
export function vmCfgOf(cfg: VmCfg): string {
  const { vncPassword, keyboard, framebuffer } = cfg
  // A paravirtual screen has its password in its own list; one that cannot stand there has it beside the list only.
  const screen = framebuffer && { ...framebuffer, ...said('vncpasswd', fitting(vncPassword)), ...said('keymap', fitting(keyboard)) }
  const settings: [string, PythonValue][] = [
    ['name', cfg.name], ['builder', cfg.type === 'hvm' ? 'hvm' : null], ['vcpus', cfg.vcpus], ['memory', cfg.memoryMiB], ['maxmem', cfg.maxMemoryMiB],
    ['disk', cfg.disks.map(diskText)], ['vif', cfg.nics.map(nicText)], ['boot', cfg.boot.map(device => bootLetters[device]).join('') || null],
    ['vfb', screen && [optionText(screen)]], ['vncpasswd', vncPassword], ['keymap', keyboard], ['OVM_os_type', cfg.os],
  ]
  for (const key of Object.keys(cfg.others)) if (known.includes(key) || !/^[A-Za-z_]\w*$/.test(key)) throw new Error(`${JSON.stringify(key)} is no other setting of a vm.cfg`)
  const lines = [...settings.filter(([, value]) => value !== null), ...Object.entries(cfg.others)]
  return lines.map(([key, value]) => `${key} = ${pythonOf(value)}\n`).join('')
}

function diskText({ backend, file, device, cdrom, mode }: VmCfgDisk): string {
  const from = file === '' && backend === 'file' ? '' : `${part(backend)}:${part(file)}`
  return `${from},${part(device)}${cdrom ? ':cdrom' : ''},${mode}`
}

function nicText({ mac, bridge, type, options }: VmCfgNic): string {
  return optionText({ ...said('mac', mac), ...said('bridge', bridge), ...said('type', type), ...options })
}

function said(key: string, value: string | null): Record<string, string> {
  return value === null ? {} : { [key]: value }
}

function optionText(options: Record<string, string>): string {
  return Object.entries(options).map(([key, value]) => `${part(key)}=${part(value)}`).join(',')
}

/** A part of what commas tell apart; with one in it, it would be read as something else. */
function part(text: string): string {
  if (fitting(text) === null) throw new Error(`${JSON.stringify(text)} cannot stand in a list of a vm.cfg`)
  return text
}

function fitting(text: string | null): string | null {
  return text === null || /[,\x00-\x1f]/.test(text) || text !== text.trim() ? null : text
}

function refusalOf(faults: LineFault[]): Refusal {
  const { line, message } = faults[0]!
  const more = faults.length > 1 ? `, and ${faults.length - 1} more` : ''
  return new Refusal('import.vm-cfg', `the vm.cfg has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}: line ${line}: ${message}${more}`, 'correct the vm.cfg where it comes from, and import again', { faults: faults.slice(0, mostFaults) })
}

/** Takes settings out one by one, collecting what is wrong with them; what is wrong comes back as something harmless. */
class Settings {
  private readonly values: Map<string, PythonNode>

  constructor(private readonly read: Assignments) {
    this.values = read.values
  }

  cfg(): VmCfg {
    if (!this.values.has('memory') && !this.read.unread.has('memory')) this.fault(this.read.lines, 'memory is missing')
    const memoryMiB = this.whole('memory', mostMemoryMiB)
    const maxLine = this.values.get('maxmem')?.line
    const maxMemoryMiB = this.whole('maxmem', mostMemoryMiB) ?? memoryMiB ?? 0
    if (maxMemoryMiB < (memoryMiB ?? 0)) this.fault(maxLine!, `maxmem ${maxMemoryMiB} is less than memory ${memoryMiB}`)
    const screen = this.screen()
    return {
      name: this.text('name'), type: this.type(), vcpus: this.whole('vcpus', mostVcpus) ?? 1, memoryMiB: memoryMiB ?? 0, maxMemoryMiB,
      disks: this.disks(), nics: this.nics(), boot: this.boot(), vncPassword: this.text('vncpasswd') ?? screen.vncPassword, keyboard: this.text('keymap') ?? screen.keyboard,
      os: this.text('OVM_os_type'), framebuffer: screen.framebuffer,
      others: Object.fromEntries([...this.values].map(([key, { value }]) => [key, value])),
    }
  }

  private type(): VmCfg['type'] {
    const { line } = this.values.get('builder') ?? { line: 0 }
    const builder = this.text('builder')
    if (builder === null || builder === 'linux' || builder === 'generic') return 'pv'
    if (builder !== 'hvm') this.fault(line, `builder ${quoted(builder)} is neither 'hvm' nor 'linux'`)
    return 'hvm'
  }

  private boot(): BootDevice[] {
    const { line } = this.values.get('boot') ?? { line: 0 }
    return [...this.text('boot') ?? ''].flatMap(letter => {
      const device = (Object.keys(bootLetters) as BootDevice[]).find(name => bootLetters[name] === letter)
      if (!device) this.fault(line, `boot holds ${quoted(letter)}: it may hold a (floppy), c (disk), d (CD-ROM) and n (network)`)
      return device ?? []
    })
  }

  private disks(): VmCfgDisk[] {
    const devices = new Set<string>()
    return this.texts('disk').flatMap(({ text, line }) => {
      const [, from = '', device = '', kind = '', mode = ''] = /^([^,]*),([^,:]*)(?::([^,]*))?,([^,]*)$/.exec(text) ?? []
      const [, backend = 'file', file = ''] = /^(?:((?:tap2?:)?[a-z0-9]+):)?(.*)$/s.exec(from) ?? []
      const cdrom = kind === 'cdrom'
      const wrong = device === '' ? `the disk ${quoted(text)} is not BACKEND:FILE,DEVICE,MODE`
        : !/^(?:xvd|hd|sd)[a-z]{1,2}\d{0,3}$/.test(device) ? `${quoted(device)} is no device of a disk: it is one like xvda, hda or sda`
          : kind !== '' && kind !== 'disk' && !cdrom ? `${quoted(kind)} is no kind of disk: it is disk or cdrom`
            : mode !== 'r' && mode !== 'w' && mode !== 'w!' ? `the mode ${quoted(mode)} of ${device} is none of r, w and w!`
              : devices.has(device) ? `${device} is there twice`
                : file === '' && !cdrom ? `${device} has no file`
                  : null
      if (wrong !== null) this.fault(line, wrong)
      devices.add(device)
      return wrong === null ? [{ backend, file, device, mode: mode as VmCfgDisk['mode'], cdrom }] : []
    })
  }

  private nics(): VmCfgNic[] {
    const macs = new Set<string>()
    return this.texts('vif').flatMap(({ text, line }) => {
      const options = this.options('vif', text, line)
      const mac = taken(options, 'mac')?.toLowerCase() ?? null
      const type = taken(options, 'type')
      const wrong = mac !== null && !/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(mac) ? `${quoted(mac)} is no MAC address`
        : mac !== null && macs.has(mac) ? `the MAC address ${mac} is there twice`
          : type !== null && type !== 'netfront' && type !== 'ioemu' ? `${quoted(type)} is no type of network card: it is netfront or ioemu`
            : null
      if (wrong !== null) this.fault(line, wrong)
      if (mac !== null) macs.add(mac)
      return wrong === null ? [{ mac, bridge: taken(options, 'bridge'), type: type as VmCfgNic['type'], options: Object.fromEntries(options) }] : []
    })
  }

  /** What `vfb` says, its password and keymap apart. */
  private screen(): Pick<VmCfg, 'framebuffer' | 'vncPassword' | 'keyboard'> {
    const [first, second] = this.texts('vfb')
    if (second) this.fault(second.line, 'there is a second vfb: a guest has one')
    if (!first) return { framebuffer: null, vncPassword: null, keyboard: null }
    const options = this.options('vfb', first.text, first.line)
    const [vncPassword, keyboard] = [taken(options, 'vncpasswd') || null, taken(options, 'keymap') || null]
    return { vncPassword, keyboard, framebuffer: Object.fromEntries(options) }
  }

  /** `key=value,…`; a text that may hold a password is not quoted in a fault. */
  private options(key: string, text: string, line: number): Map<string, string> {
    const options = new Map<string, string>()
    for (const part of text === '' ? [] : text.split(',')) {
      const at = part.indexOf('=')
      const name = part.slice(0, Math.max(at, 0)).trim()
      if (name === '') this.fault(line, `${key === 'vfb' ? 'a part' : quoted(part)} of ${key} is not KEY=VALUE`)
      else if (options.has(name)) this.fault(line, `${quoted(name)} is there twice in one ${key}`)
      else options.set(name, part.slice(at + 1).trim())
    }
    return options
  }

  /** A whole number from 1 on, which may stand in quotes; null when it is not there, or wrong. */
  private whole(key: string, most: number): number | null {
    const node = this.take(key)
    if (!node) return null
    const value = typeof node.value === 'string' && /^\d{1,15}$/.test(node.value) ? Number(node.value) : node.value
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value
    this.fault(node.line, `${key} is no whole number from 1 to ${most}`)
    return null
  }

  /** A text; null when it is not there, empty, or wrong. */
  private text(key: string): string | null {
    const node = this.take(key)
    if (!node || node.value === null || node.value === '') return null
    if (typeof node.value === 'string') return node.value
    this.fault(node.line, `${key} is no text: write it in quotes`)
    return null
  }

  /** A list of texts; empty when it is not there. */
  private texts(key: string): { text: string; line: number }[] {
    const node = this.take(key)
    if (!node || node.value === null) return []
    if (!node.parts) this.fault(node.line, `${key} is no list: write ${key} = ['…']`)
    return (node.parts ?? []).flatMap(({ value, line }) => {
      if (typeof value === 'string') return [{ text: value, line }]
      this.fault(line, `a part of ${key} is no text`)
      return []
    })
  }

  private take(key: string): PythonNode | undefined {
    const node = this.values.get(key)
    this.values.delete(key)
    return node
  }

  private fault(line: number, message: string): void {
    this.read.faults.push({ line, message })
  }
}

function taken(options: Map<string, string>, key: string): string | null {
  const value = options.get(key) ?? null
  options.delete(key)
  return value
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
