import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Manager } from '../contract/manager.js'
import { Farms } from './farms.js'
import { managerOf } from './open.js'

/** Managers kept open from one command to the next, for who runs many in one process. */
export class KeptManagers {
  private readonly kept = new Map<string, { manager: Manager; mark: string }>()

  /** The manager of the farm that is meant now; opened anew when another farm has taken its place. @throws Refusal farm.none, farm.not-found, store.* */
  async open(options: { home: string; farm: string | null }): Promise<Manager> {
    const farms = new Farms(options.home)
    const folder = farms.folder(farms.choose(options.farm))
    await this.closeGone()
    const found = this.kept.get(folder)
    if (found) return found.manager
    const mark = markOf(folder)
    const manager = await managerOf(farms, options.farm)
    this.kept.set(folder, { manager, mark })
    return manager
  }

  /** Closes managers of farms that were deleted or made anew: a file that is open takes its room on the disk for as long. */
  private async closeGone(): Promise<void> {
    for (const [folder, { manager, mark }] of this.kept) {
      if (markOf(folder) === mark) continue
      this.kept.delete(folder)
      await manager.close()
    }
  }

  async close(): Promise<void> {
    for (const { manager } of this.kept.values()) await manager.close()
    this.kept.clear()
  }
}

/** Which files the databases of a farm are: a farm that was made anew under the same name has others. */
function markOf(folder: string): string {
  return ['manager.db', 'world.db'].map(name => {
    const file = statSync(join(folder, name), { throwIfNoEntry: false })
    return file ? `${file.dev}:${file.ino}` : 'none'
  }).join(' ')
}
