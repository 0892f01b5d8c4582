import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder } from '../disk/folder.js'
import { writePrivate } from '../disk/private-file.js'
import { temporaryFolder } from '../disk/temporary-folder.js'
import type { Farms } from '../embedded/farms.js'
import { databases, openStores } from '../embedded/open.js'
import { metaTable, repositoryVersion, tokenTable } from '../manager/schema.js'
import { Refusal } from '../model/errors.js'
import { formatTime } from '../model/units.js'
import { SimClock } from '../sim/clock.js'
import { worldVersion } from '../sim/schema.js'
import { World } from '../sim/world.js'
import { copySqlite } from '../store/sqlite.js'
import { readBackup, writeBackup, type Manifest } from './backup-file.js'
import type { Stores } from './serve.js'
import { isInitialised, readPair } from './service-files.js'

/** What was backed up, or is in a backup. */
export interface BackedUp { manifest: Manifest; bytes: number }

/**
 * Writes both databases of a farm as of one moment into a file: nobody commits to either while they are copied. Whoever serves the
 * farm, or works on it, waits for that as for any other writer.
 */
export async function backUp(farms: Farms, farm: string, stores: Stores, path: string): Promise<BackedUp> {
  const folder = farms.folder(farm)
  const copies = temporaryFolder('backup', 'a copy of the databases')
  try {
    const time = await stores.repository.transact(() => stores.world.transact(async tx => {
      const [now] = await tx.select<{ value: string }>({ value: 'value' }, `from meta where key = 'now'`)
      for (const { file } of Object.values(databases)) await copySqlite(join(folder, file), join(copies, file))
      return Number(now!.value)
    }))
    const pair = isInitialised(folder) ? readPair(folder, farm) : null
    const files = [
      ...Object.values(databases).map(({ file }) => ({ name: file, content: readFileSync(join(copies, file)) })),
      ...(pair ? (['cert', 'key'] as const).map(name => ({ name: `service/${name}.pem`, content: Buffer.from(pair[name]) })) : []),
    ]
    const manifest: Omit<Manifest, 'files'> = { farm, at: new Date().toISOString(), time: formatTime(time), repositoryVersion, worldVersion }
    return { manifest: { ...manifest, files: [] }, bytes: writeBackup(path, manifest, files) }
  } finally {
    rmSync(copies, { recursive: true, force: true })
  }
}

/** Puts a backup in the place of its farm, or makes the farm anew. Logins of then hold no longer. @throws Refusal manager.backup, store.* */
export async function restoreBackup(farms: Farms, path: string): Promise<BackedUp> {
  const { manifest, files, bytes } = readBackup(path)
  if (manifest.repositoryVersion !== repositoryVersion || manifest.worldVersion !== worldVersion) throw new Refusal('manager.backup', `${path} was written by another version of ovmcli (${manifest.repositoryVersion} and ${manifest.worldVersion}; this one wants ${repositoryVersion} and ${worldVersion})`, 'restore it with that ovmcli')
  const folder = farms.prepare(manifest.farm)
  try {
    farms.onDisk(() => {
      for (const [name, content] of files) {
        makeFolder(dirname(join(folder, name)))
        writePrivate(join(folder, name), content)
      }
    })
    const { repository, world } = openStores(folder, false)
    try {
      await repository.transact(async tx => {
        await tx.remove(metaTable, [{ key: 'served' }])
        await tx.run(`delete from ${tokenTable.name}`)
      })
      await new SimClock(new World(world)).reading()
    } finally {
      await repository.close()
      await world.close()
    }
    for (const { file } of Object.values(databases)) chmodSync(join(folder, file), 0o600)
    farms.adopt(folder, manifest.farm)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  if (farms.current() === null) farms.use(manifest.farm)
  return { manifest, bytes }
}
