import type { Stats } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '../../model/errors.js'
import { namesOf } from '../../model/names.js'
import { reading } from './path-file.js'

/** How much of a folder is imported: an image has a vm.cfg and some disks. */
const [mostEntries, deepest] = [1_000, 8]

/** What is in a folder, by their way from it: folders before what is in them. */
export interface FolderContent {
  folders: string[]
  files: string[]
  /** of all files together */
  bytes: number
}

/**
 * What is in a folder. Only files and folders are taken: a link would bring in what it points at, and a device has no end.
 * @throws Refusal import.not-found, import.refused
 */
export async function contentOf(folder: string): Promise<FolderContent> {
  const content: FolderContent = { folders: [], files: [], bytes: 0 }
  const strange: string[] = []
  await look('', 0)
  if (strange.length > 0) throw new Refusal('import.refused', `${folder} holds what is neither a file nor a folder: ${namesOf(strange.sort())}`, 'links and devices are not imported: put the files themselves there')
  content.files.sort()
  return content

  async function look(within: string, depth: number): Promise<void> {
    if (depth > deepest) throw new Refusal('import.refused', `${folder} is more than ${deepest} folders deep`)
    for await (const { name } of await reading(join(folder, within), () => opendir(join(folder, within)))) {
      if (content.folders.length + content.files.length + strange.length === mostEntries) throw new Refusal('import.refused', `${folder} holds more than ${mostEntries} files and folders`)
      const way = join(within, name)
      const found = await reading(join(folder, way), () => lstat(join(folder, way)))
      if (found.isDirectory()) {
        content.folders.push(way)
        await look(way, depth + 1)
      } else if (found.isFile()) {
        content.files.push(way)
        content.bytes += found.size
      } else strange.push(way)
    }
  }
}

/** Whether a path is a folder, and not a file. @throws Refusal import.not-found; import.refused when it is neither */
export function isFolder(path: string, found: Stats): boolean {
  if (found.isDirectory()) return true
  if (found.isFile()) return false
  throw new Refusal('import.refused', `${path} is neither a file nor a folder`, 'name an image file, an ISO or the folder of a template')
}
