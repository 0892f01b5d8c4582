import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, resolve } from 'node:path'
import type { HealthCheck } from '../../contract/farms.js'
import { Refusal } from '../../model/errors.js'
import { formatMiB } from '../../model/units.js'
import { fileReason } from '../../disk/file-reason.js'
import { configFolder, homeFolder } from '../places.js'
import { broken, ok, warning } from './finding.js'

/** Free space below which a command may find none, and below which it will, in MiB. */
const littleMiB = 64
const leastMiB = 2

const another = 'set OVMCLI_HOME to a folder that you may read and write'

/** Checks the folders that ovmcli reads and writes: the home of the farms, the configuration, temporary files. */
export function folderChecks(): HealthCheck[] {
  try {
    return [...homeChecks(homeFolder()), configCheck(configFolder()), temporaryCheck(tmpdir())]
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return [broken('home', error.message, error.hint ?? another)]
  }
}

/** Checks the folder where farms are kept. */
export function homeChecks(home: string): HealthCheck[] {
  const check = 'home'
  const parent = existingParent(home)
  if (parent !== resolve(home)) {
    if (!allows(parent, constants.W_OK | constants.X_OK)) return [broken(check, `${home} is not there, and cannot be made: ${parent} cannot be written`, another)]
    return [ok(check, `${home} is not there yet: the first farm makes it`), spaceCheck(parent)]
  }
  const unreadable = whyUnreadable(home)
  if (unreadable !== null) return [broken(check, `${home} cannot be used: ${unreadable}`, another)]
  const space = spaceCheck(home)
  if (!allows(home, constants.W_OK)) return [warning(check, `${home} cannot be written: looking works, changing does not`, `check who owns it and how the disk is mounted, or ${another}`), space]
  if (isOpenToOthers(home)) return [warning(check, `${home} can be read by everybody on this machine`, `chmod 700 ${home}`), space]
  return [ok(check, home), space]
}

/** Checks the folder of the configuration; what is in it settings-check.ts looks at. */
export function configCheck(folder: string): HealthCheck {
  const check = 'configuration'
  if (!existsSync(folder)) return ok(check, `${folder} is not there: the defaults hold`)
  const unreadable = whyUnreadable(folder)
  if (unreadable !== null) return broken(check, `${folder} cannot be used: ${unreadable}`, 'set OVMCLI_CONFIG_HOME to a folder that you may read')
  if (isOpenToOthers(folder)) return warning(check, `${folder} can be read by everybody on this machine`, `chmod 700 ${folder}`)
  return ok(check, folder)
}

/** Copies of a farm, for --dry-run and for this doctor, are made there. */
function temporaryCheck(folder: string): HealthCheck {
  const check = 'temporary files'
  if (existsSync(folder) && allows(folder, constants.W_OK | constants.X_OK)) return ok(check, folder)
  return broken(check, `${folder} cannot be written, and --dry-run works on a copy of the farm there`, 'set TMPDIR to a folder that you may write to')
}

function spaceCheck(folder: string): HealthCheck {
  const check = 'free space'
  const { bavail, bsize } = statfsSync(folder)
  const freeMiB = Math.floor((bavail * bsize) / 1_048_576)
  const message = `${formatMiB(freeMiB)} on the disk of ${folder}`
  if (freeMiB < leastMiB) return broken(check, message, 'make room: nothing can be recorded')
  return freeMiB < littleMiB ? warning(check, message, 'make room before the disk is full') : ok(check, message)
}

/** The folder itself, or the nearest above it that is there. */
function existingParent(folder: string): string {
  let at = resolve(folder)
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at)
  return at
}

/** Why a folder cannot be read; null when it can. */
function whyUnreadable(folder: string): string | null {
  try {
    readdirSync(folder)
    accessSync(folder, constants.X_OK)
    return null
  } catch (error) {
    return fileReason(error)
  }
}

function allows(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** Whether people who are neither the owner nor of his group may look into a folder; Windows has no such bits. */
function isOpenToOthers(folder: string): boolean {
  return process.platform !== 'win32' && (statSync(folder).mode & 0o005) !== 0
}
