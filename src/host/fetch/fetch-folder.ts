import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fetched, FetchManner } from './manner.js'
import { Part, written } from './part.js'
import { PathFile } from './path-file.js'
import { contentOf } from './path-folder.js'
import { Counter, takeIn } from './take-in.js'
import type { Watch } from './watch.js'

/** Brings a folder of this machine to a target; see `fetchTo`. */
export async function fetchFolder(folder: string, target: string, manner: FetchManner, watch: Watch): Promise<Fetched> {
  const { folders, files, bytes } = await contentOf(folder)
  const part = new Part(target)
  try {
    const counter = new Counter(folder, 0, bytes, manner)
    await part.beginFolder()
    for (const name of folders) await written(target, () => mkdir(join(part.bytes, name)))
    for (const name of files) await bring(join(folder, name), join(part.bytes, name), counter, watch)
    await part.finish()
    return { kind: 'folder', bytes: counter.doneBytes, resumedBytes: 0 }
  } catch (error) {
    await part.drop()
    throw error
  }
}

async function bring(from: string, to: string, counter: Counter, watch: Watch): Promise<void> {
  const opened = await new PathFile(from).open(null)
  try {
    const handle = await written(to, () => open(to, 'wx'))
    await takeIn(from, opened, handle, counter, watch).finally(() => handle.close())
  } finally {
    opened.close()
  }
}
