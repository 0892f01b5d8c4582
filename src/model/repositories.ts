import { Refusal } from './errors.js'
import type { storageKinds } from './object-states.js'

/** Where a repository lies (model.md, "Repository"): a disk of its server, a SAN or iSCSI device, or an export of an NFS server. */
export const repositoryKinds = ['local', 'san', 'iscsi', 'nfs'] as const
/** Where a repository lies. */
export type RepositoryKind = (typeof repositoryKinds)[number]

/**
 * Classes of service of a device, and how fast it is beside one without a class. The seed says only that devices have different
 * ones ("each LUN with a different QOS setting"); the names and the figures are ours.
 */
const qosFactors = { gold: 2, silver: 1, bronze: 0.5 } as const
/** A class of service. */
export type QosClass = keyof typeof qosFactors
/** Every class of service, the fastest first. */
export const qosClasses = Object.keys(qosFactors) as QosClass[]

/** How fast a device of a class is beside one without. */
export function qosFactor(qos: QosClass | null): number {
  return qos === null ? 1 : qosFactors[qos]
}

/** The folders of every repository (seed: "the default OVS repository directory structure"). */
export const repositoryFolders = ['iso_pool', 'lost+found', 'publish_pool', 'running_pool', 'seed_pool', 'sharedDisk'] as const

/** The file with the hidden OCFS2 device that an NFS repository locks by (seed: "a hidden OCFS2 file-backed block device"); its name is ours. */
export const lockDeviceFile = '.ocfs2-lock.img'

/** How big a device or export is in the simulated world when nobody says, in MiB: as those of the presets (simulation.md, "Presets"). */
export const defaultRepositoryMiB: Record<(typeof storageKinds)[number], number> = { local: 1_048_576, shared: 4 * 1_048_576 }

/** The longest name of a device or export, in characters. */
const longestDevice = 255

/** Device names of the servers, iSCSI names, and exports: no blanks, nothing unprintable. */
const deviceForm = /^\/dev\/[!-~]+$/
const iscsiForm = /^iqn\.\d{4}-\d{2}\.[!-~]+$/
const exportForm = /^(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\]):(\/[!-~]*)$/

/** A device as it is recorded. @throws Refusal usage.argument */
export function checkDevice(text: string): string {
  if (text.length <= longestDevice && (deviceForm.test(text) || iscsiForm.test(text))) return text
  throw new Refusal('usage.argument', `${JSON.stringify(text.slice(0, 80))} is no device`, 'write /dev/sdc1, /dev/mapper/NAME or iqn.2010-07.com.example:lun1; an NFS export goes with --nfs')
}

/** An NFS export as it is recorded, without slashes at its end. @throws Refusal usage.argument */
export function checkExport(text: string): string {
  if (text.length <= longestDevice && exportForm.test(text)) return text.replace(/(?<=:\/.*)\/+$/, '')
  throw new Refusal('usage.argument', `${JSON.stringify(text.slice(0, 80))} is no NFS export`, 'write HOST:/PATH')
}

/** Where a repository lies, by what its device is called and what storage its pool has. */
export function kindOfDevice(device: string, storage: (typeof storageKinds)[number]): RepositoryKind {
  if (exportForm.test(device)) return 'nfs'
  if (iscsiForm.test(device) || /^\/dev\/disk\/by-path\/.*-iscsi-/.test(device)) return 'iscsi'
  return storage === 'local' ? 'local' : 'san'
}

/**
 * Whether a name means the same device to every server: an export, an iSCSI name, a name by world-wide id. `/dev/sdc1` and
 * `/dev/mapper/mpath1` are given by each server to what it finds, so that those of two pools are two devices.
 */
export function isKnownEverywhere(device: string): boolean {
  return exportForm.test(device) || iscsiForm.test(device) || /^\/dev\/mapper\/(?!mpath)/.test(device) || /^\/dev\/disk\/by-(?:id\/|uuid\/|path\/.*-iscsi-)/.test(device)
}

/** Whether somebody means a repository of a pool by an id, a uuid, or a device, with its pool before it or without. */
export function isRepositoryMeant(wanted: string, repo: { id: string; uuid: string; device: string }, pool: string): boolean {
  const { device } = repo
  return [repo.id, repo.uuid, device, `${pool}/${device}`, ...(device.startsWith('/') ? [`${pool}${device}`] : [])].includes(wanted)
}

/**
 * Where servers mount a repository: since 2.2 by its uuid, and /OVS is a link to the root; before that the root is mounted as
 * /OVS itself, and extended ones in it (seed, "Oracle VM storage").
 */
export function mountPointOf(release: string, uuid: string, isRoot: boolean): string {
  const folder = uuid.replaceAll('-', '').toUpperCase()
  if (!isOldLayout(release)) return `/var/ovs/mount/${folder}`
  return isRoot ? '/OVS' : `/OVS/${folder}`
}

/** Whether servers of a release mount the root as /OVS itself: those before 2.2. */
export function isOldLayout(release: string): boolean {
  const [major = 0, minor = 0] = release.split('.').map(Number)
  return major < 2 || (major === 2 && minor < 2)
}
