import { closeSync, constants, existsSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { diskRefusal } from '../disk/disk-refusal.js'
import { makeFolder } from '../disk/folder.js'
import { writePrivate } from '../disk/private-file.js'
import { Refusal } from '../model/errors.js'

/** The longest that the name of the current farm is read, in bytes. */
const mostNameBytes = 1_024

/** The farms of a home as folders: `farms/NAME/{manager,world}.db`, and the name of the current one in `current`. */
export class Farms {
  constructor(private readonly home: string) {}

  folder(name: string): string {
    return join(this.home, 'farms', name)
  }

  names(): string[] {
    return this.reading('farms', path => readdirSync(path).filter(name => !name.startsWith('.') && this.isThere(name)).sort()) ?? []
  }

  exists(name: string): boolean {
    return this.names().includes(name)
  }

  current(): string | null {
    const name = this.reading('current', firstLine) ?? ''
    // A name and no path: what is current is a farm of this home.
    return name !== '' && !name.startsWith('.') && basename(name) === name && this.isThere(name) ? name : null
  }

  /** Whether a farm has its folder. One that may not be entered is there: who opens it says what is the matter. */
  private isThere(name: string): boolean {
    try {
      return statSync(join(this.folder(name), 'manager.db'), { throwIfNoEntry: false }) !== undefined
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EACCES'
    }
  }

  /** The farm that is meant: the one named, else the current one. @throws Refusal farm.none, farm.not-found */
  choose(named: string | null): string {
    if (named !== null) return this.must(named)
    const current = this.current()
    if (current !== null) return current
    const [first] = this.names()
    if (first !== undefined) throw new Refusal('farm.none', `none of the farms in ${this.home} is the current one`, `choose one with: ovmcli sim use ${first}`)
    throw new Refusal('farm.none', `there is no farm in ${this.home}`, 'make one with: ovmcli sim create --preset figure-8')
  }

  must(name: string): string {
    if (this.exists(name)) return name
    throw new Refusal('farm.not-found', `there is no farm ${JSON.stringify(name.slice(0, 80))} in ${this.home}`, 'sim list shows what there is', { missing: [name] })
  }

  use(name: string): void {
    this.onDisk(() => {
      makeFolder(this.home)
      writePrivate(join(this.home, 'current'), `${name}\n`)
    })
  }

  /** An empty folder in which a farm is made before it gets its name, so that a half-made one is never seen. */
  prepare(name: string): string {
    const folder = join(this.home, 'farms', `.making-${name}-${process.pid}`)
    this.onDisk(() => {
      rmSync(folder, { recursive: true, force: true })
      makeFolder(folder)
    })
    return folder
  }

  /** Gives a farm that was made its name. What had that name before is gone only once it has, and is back where that failed. */
  adopt(folder: string, name: string): void {
    const place = this.folder(name)
    const before = join(this.home, 'farms', `.replaced-${name}-${process.pid}`)
    this.onDisk(() => {
      rmSync(before, { recursive: true, force: true })
      const isThere = existsSync(place)
      if (isThere) renameSync(place, before)
      try {
        renameSync(folder, place)
      } catch (error) {
        if (isThere) renameSync(before, place)
        throw error
      }
      try {
        rmSync(before, { recursive: true, force: true })
      } catch {
        // It has no name any more, and is in nobody's way.
      }
    })
  }

  remove(name: string): void {
    this.onDisk(() => {
      rmSync(this.folder(name), { recursive: true, force: true })
      if (this.current() === null) rmSync(join(this.home, 'current'), { force: true })
    })
  }

  /** What a file or folder of the home says; null where it is not there yet. @throws Refusal store.unreadable */
  private reading<T>(what: string, look: (path: string) => T): T | null {
    try {
      return look(join(this.home, what))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return null
      if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error
      throw new Refusal('store.unreadable', `${this.home} cannot be used as a home: ${what} cannot be read (${code})`, 'set OVMCLI_HOME to a folder that you may read and write')
    }
  }

  /** Work on the files of the home. @throws Refusal store.* for what the disk would not have */
  onDisk(work: () => void): void {
    try {
      work()
    } catch (error) {
      throw diskRefusal(error, `${this.home} cannot be used as a home`, 'set OVMCLI_HOME to a folder that you may write to')
    }
  }
}

/** The first line of a small file, however large or endless it is. */
function firstLine(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const bytes = Buffer.alloc(mostNameBytes)
    return bytes.toString('utf8', 0, readSync(descriptor, bytes)).split('\n', 1)[0]!.trim()
  } finally {
    closeSync(descriptor)
  }
}
