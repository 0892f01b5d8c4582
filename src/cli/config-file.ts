import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { diskRefusal } from '../disk/disk-refusal.js'
import { makeFolder } from '../disk/folder.js'
import { removeFile, writePrivate } from '../disk/private-file.js'

const another = 'check who owns it and how the disk is mounted, or set OVMCLI_CONFIG_HOME to a folder that you may write to'

/** Keeps a file of the configuration, for the eyes of its owner only, with the folders above it. @throws Refusal store.* */
export function keepConfigFile(path: string, text: string): void {
  onDisk(`${path} cannot be written`, () => {
    makeFolder(dirname(path))
    writePrivate(path, text)
  })
}

/** Removes a file of the configuration, where it is there. @throws Refusal store.* */
export function removeConfigFile(path: string): void {
  onDisk(`${path} cannot be removed`, () => removeFile(path))
}

/** Whether files may be written and removed in a folder that is there, as far as that can be seen without doing it. @throws Refusal store.* where they may not */
export function mustBeWritable(folder: string): void {
  onDisk(`${folder} cannot be written`, () => accessSync(folder, constants.W_OK | constants.X_OK))
}

function onDisk(what: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw diskRefusal(error, what, another)
  }
}
