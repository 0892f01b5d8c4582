import { Refusal } from '../../model/errors.js'
import { guestDefaults } from '../../model/guest-defaults.js'
import { checkOsMode, osNamed } from '../../model/guest-os.js'
import type { ImportedDisk, ImportedFiles, ImportedGuest } from '../../model/imported.js'
import type { VmType } from '../../model/object-states.js'
import { readVmCfg, type VmCfg } from '../../model/vm-cfg.js'
import type { Arrival } from './look-at.js'
import { broken } from './tar.js'

/** A file that came, by its way from where everything lies. */
export interface CameFile { name: string; bytes: number; text: string | null }

const bytesPerMiB = 1_048_576
const inMiB = (bytes: number) => Math.max(1, Math.ceil(bytes / bytesPerMiB))

/** The longest name of an operating system that is kept although it is none of the table. */
const longestOs = 63

/**
 * The guest that came as a vm.cfg with its disks. A disk is known by its file name: where it lay elsewhere means nothing here.
 * @throws Refusal import.archive, import.vm-cfg, vm.os-mode
 */
export function guestOf(files: readonly CameFile[], { shown, type, os }: Arrival): ImportedFiles {
  const [first, second] = files.filter(file => /(?:^|\/)vm\.cfg$/.test(file.name)).sort((a, b) => depthOf(a) - depthOf(b))
  if (!first) throw broken(shown, `it holds no vm.cfg${files.length === 0 ? ': it is empty' : ''}`)
  if (second && depthOf(second) === depthOf(first)) throw broken(shown, `it holds two guests: ${first.name} and ${second.name}`, 'import them one by one')
  if (first.text === null) throw broken(shown, `${first.name} is too long`)
  const cfg = readVmCfg(first.text)
  const folder = first.name.slice(0, -'vm.cfg'.length)
  const beside = files.filter(file => file.name.startsWith(folder))
  const disks = disksOf(cfg, first.text, beside)
  const guest: ImportedGuest = {
    type: type ?? cfg.type, os: systemOf(os ?? cfg.os), vcpus: cfg.vcpus, memoryMiB: cfg.memoryMiB, nics: cfg.nics.map(({ bridge }) => ({ bridge })), disks,
    bootDevice: cfg.boot[0] === 'cdrom' ? 'cdrom' : cfg.boot[0] === 'network' ? 'pxe' : 'hdd', keyboard: cfg.keyboard,
  }
  return checked({ sizeMiB: inMiB(beside.reduce((sum, file) => sum + file.bytes, 0)), guest })
}

/** A guest of which only the disk came: what it is, somebody has to say. @throws Refusal import.archive, vm.os-mode */
export function diskAlone(bytes: number, { shown, type, os }: Arrival): ImportedFiles {
  if (type === null) throw broken(shown, 'it is no tar archive, and that it is a disk nobody said', 'a disk without a vm.cfg is imported with --type pv or --type hvm')
  const sizeMiB = inMiB(bytes)
  const name = type === 'pv' ? 'xvda' : 'hda'
  return checked({ sizeMiB, guest: { type, os: systemOf(os), vcpus: guestDefaults.vcpus, memoryMiB: guestDefaults.memoryMiB, nics: [{ bridge: guestDefaults.bridge }], disks: [{ name, sizeMiB, file: 'System.img' }], bootDevice: 'hdd', keyboard: null } })
}

function disksOf(cfg: VmCfg, text: string, beside: readonly CameFile[]): ImportedDisk[] {
  const faults: { line: number; message: string }[] = []
  const disks = cfg.disks.filter(disk => !disk.cdrom).flatMap(({ file, device, backend }): ImportedDisk[] => {
    const name = file.slice(file.lastIndexOf('/') + 1)
    const came = beside.find(one => one.name.slice(one.name.lastIndexOf('/') + 1) === name)
    if (came && backend !== 'phy') return [{ name: device, sizeMiB: inMiB(came.bytes), file: name }]
    faults.push({ line: text.split('\n').findIndex(line => line.includes(file)) + 1, message: backend === 'phy' ? `${device} is a device of where the guest comes from, and no file` : `the file of ${device}, ${name}, did not come with it` })
    return []
  })
  if (disks.length === 0 && faults.length === 0) faults.push({ line: text.split('\n').length, message: 'the guest has no disk' })
  const [first] = faults
  if (!first) return disks
  throw new Refusal('import.vm-cfg', `the vm.cfg does not go with what came: line ${first.line}: ${first.message}${faults.length > 1 ? `, and ${faults.length - 1} more` : ''}`, 'put vm.cfg and all disks that it names together, and import again', { faults })
}

function systemOf(os: string | null): string | null {
  return os === null ? null : (osNamed(os) ?? os.slice(0, longestOs))
}

function checked(files: ImportedFiles): ImportedFiles {
  const { os, type } = files.guest as { os: string | null; type: VmType }
  const wrong = os === null || osNamed(os) === null ? null : checkOsMode(os, type)
  if (wrong) throw new Refusal(wrong.code, wrong.message, wrong.hint)
  return files
}

function depthOf(file: CameFile): number {
  return file.name.split('/').length
}
