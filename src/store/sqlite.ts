import { accessSync, constants, copyFileSync, existsSync, rmSync, statSync, statfsSync, type Stats } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { backup, DatabaseSync } from '@photostructure/sqlite'
import { temporaryFolder } from '../disk/temporary-folder.js'
import { Refusal } from '../model/errors.js'
import { createTables } from './ddl.js'
import { FileWatch } from './file-watch.js'
import type { Cell, Changes, Reader, Row, Selection, Store, Table, Transaction } from './store.js'

type Database = InstanceType<typeof DatabaseSync>
type Statement = ReturnType<Database['prepare']>

/** How a store file is opened. */
export interface SqliteOptions {
  tables: readonly Table[]
  /** version of the tables; a file with another one is refused */
  version: number
  create: boolean
  /** functions that queries may call, by name; each must be pure, and takes as many cells as it declares */
  functions?: SqlFunctions
}

/** Functions for queries by name; what they throw, the query throws. */
export type SqlFunctions = Readonly<Record<string, (...cells: Cell[]) => Cell>>

/** How many rows an insert statement carries: few statements, and far from SQLite's limit of parameters. */
const rowsPerInsert = [100, 20, 4, 1]
/** How long a writer waits for another process, in milliseconds: longer than any transaction of ours takes. */
const busyTimeoutMs = 60_000
/** A disk with fewer free blocks has no room for the index of a WAL, which grows by 32 KiB. */
const leastBlocks = 64

/** What lies in temporary folders. */
const aCopy = 'a copy of the database'

/** How many prepared statements a store keeps: who runs many commands over it may ask each in words of its own. */
const keptStatements = 500
/** How many queries it keeps that differ only in what they select. */
const keptAlike = 8

/** Opens a store in an SQLite file (WAL, every commit synced). @throws Refusal store.* */
export function openSqlite(path: string, options: SqliteOptions): Store {
  return guarded(path, () => opened(path, path, options))
}

/** The store of the file `at`, which is called `path` in what is said of it. */
function opened(path: string, at: string, options: SqliteOptions, onClose?: () => void): SqliteStore {
  const db = connect(at, options.create, options.functions)
  const version = (db.prepare('pragma user_version').get() as { user_version: number }).user_version
  if (version > options.version) {
    db.close()
    throw new Refusal('store.newer', `${path} was written by a newer ovmcli (version ${version}, this one knows ${options.version})`, 'update ovmcli')
  }
  if (version < options.version) {
    if (version > 0 || !options.create) db.close()
    if (version > 0) throw new Refusal('store.older', `${path} was written by an older ovmcli (version ${version}, this one wants ${options.version})`, 'read it with that ovmcli, or move it away and make the farm anew')
    if (!options.create) throw new Refusal('store.corrupt', `${path} is not a database of ovmcli`, 'move it away, and make the farm anew')
    createTables(db, options.tables, options.version)
  }
  return new SqliteStore(db, path, options, onClose)
}

/**
 * A private copy of a store as its file stands, for one who may not even leave the traces of opening it. The file does not have to
 * be sound. Copied anew, a few times, when somebody wrote it back from the WAL meanwhile. @throws Refusal store.*
 */
export function openCopy(path: string, options: Omit<SqliteOptions, 'create'>): Store {
  mustBeThere(path)
  const folder = temporaryFolder('look', aCopy)
  const drop = () => rmSync(folder, { recursive: true, force: true })
  try {
    return guarded(path, () => {
      const copy = join(folder, 'copy.db')
      for (let tries = 0; tries < 5 && !copyWhole(path, copy); tries++);
      return opened(path, copy, { ...options, create: false }, drop)
    })
  } catch (error) {
    drop()
    throw error
  }
}

/** Copies a database, with all that was committed to it, into a file of its own, while others may read and write. @throws Refusal store.* */
export async function copySqlite(path: string, to: string): Promise<void> {
  try {
    const db = connect(path, false)
    try {
      await backup(db, to)
    } finally {
      db.close()
    }
  } catch (error) {
    throw translated(path, error)
  }
}

/** Copies a database with its WAL; whether the two fit together: what is in the file moves only when a WAL is written back. */
function copyWhole(path: string, copy: string): boolean {
  const before = statSync(path, { bigint: true }).mtimeNs
  copyFileSync(path, copy)
  rmSync(`${copy}-wal`, { force: true })
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`)
  return statSync(path, { bigint: true }).mtimeNs === before
}

function connect(path: string, create: boolean, functions: SqlFunctions = {}): Database {
  if (!create) mustBeThere(path)
  let db: Database
  try {
    db = new DatabaseSync(path)
    db.exec(`pragma busy_timeout = ${busyTimeoutMs}`)
    if (create) db.exec('pragma journal_mode = wal')
    db.exec('pragma synchronous = full; pragma foreign_keys = off; pragma temp_store = memory')
    // A wave of a bulk run touches thousands of pages: let them stay in memory, and out of the way of its commits.
    db.exec('pragma cache_size = -65536; pragma mmap_size = 268435456; pragma wal_autocheckpoint = 8000')
    db.prepare('select count(*) from sqlite_master').get()
  } catch (error) {
    if (faultOf(error, path) !== 'store.read-only') throw error
    db = openReadOnly(path)
  }
  for (const [name, call] of Object.entries(functions)) db.function(name, { deterministic: true }, call as (...cells: unknown[]) => Cell)
  return db
}

/** SQLite would make a file where there is none, and wait for ever on a FIFO. @throws Refusal store.corrupt, store.unreadable */
function mustBeThere(path: string): void {
  let file: Stats | undefined
  try {
    file = statSync(path, { throwIfNoEntry: false })
    if (file) accessSync(path, constants.R_OK)
  } catch (error) {
    throw new Refusal('store.unreadable', `${path} may not be read (${(error as NodeJS.ErrnoException).code})`, 'check who owns it, and set OVMCLI_HOME to a folder that you may read')
  }
  if (!file) throw new Refusal('store.corrupt', `${path} is missing`, hints['store.corrupt'])
  if (!file.isFile()) throw new Refusal('store.corrupt', `${path} is no file`, hints['store.corrupt'])
}

/**
 * A database in a home that cannot be written: WAL wants to write its index beside the file, an immutable database does not.
 * Where a WAL was left behind it holds commits that the file has not yet, so a copy of both is read.
 */
function openReadOnly(path: string): Database {
  if (!existsSync(`${path}-wal`) || statSync(`${path}-wal`).size === 0) return openImmutable(path)
  const folder = temporaryFolder('read', aCopy)
  try {
    const copy = join(folder, 'copy.db')
    copyFileSync(path, copy)
    copyFileSync(`${path}-wal`, `${copy}-wal`)
    const whole = new DatabaseSync(copy)
    whole.exec('pragma wal_checkpoint(truncate)')
    whole.close()
    return openImmutable(copy)
  } finally {
    // What is open stays readable without its name.
    rmSync(folder, { recursive: true, force: true })
  }
}

function openImmutable(path: string): Database {
  const db = new DatabaseSync(`file:${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}?immutable=1`, { readOnly: true })
  db.prepare('select count(*) from sqlite_master').get()
  return db
}

class SqliteStore implements Store {
  private readonly statements = new Map<string, Statement>()
  private readonly queries = new Map<string, { selection: Selection; statement: Statement }[]>()
  private turn: Promise<unknown> = Promise.resolve()
  private wrote = false
  /** how the last transaction that wrote was to be kept: SQLite is told before the next that differs */
  private kept: 'lasting' | 'passing' = 'lasting'
  private readonly watch: FileWatch
  /** which file it is, by its number on the disk: another one of the same name is another store */
  private file: number | null = null

  constructor(
    private readonly db: Database,
    private readonly path: string,
    private readonly options: SqliteOptions,
    private readonly onClose: () => void = () => {},
    /** of a fork nothing is synced */
    private readonly isFork = false,
  ) {
    this.watch = new FileWatch(path)
  }

  read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.inTurn('begin', work)
  }

  transact<T>(work: (tx: Transaction) => Promise<T>, keep: 'lasting' | 'passing' = 'lasting'): Promise<T> {
    this.wrote = true
    return this.inTurn('begin immediate', work, keep)
  }

  async fork(): Promise<Store> {
    let folder = ''
    try {
      folder = temporaryFolder('fork', aCopy)
      const copy = join(folder, 'fork.db')
      await backup(this.db, copy)
      const db = connect(copy, false, this.options.functions)
      db.exec('pragma synchronous = off; pragma journal_mode = memory')
      return new SqliteStore(db, copy, this.options, () => rmSync(folder, { recursive: true, force: true }), true)
    } catch (error) {
      if (folder !== '') rmSync(folder, { recursive: true, force: true })
      throw translated(folder === '' ? tmpdir() : folder, error)
    }
  }

  changes(): Changes {
    return this.watch.changes()
  }

  version(): Promise<string | null> {
    const result = this.turn.then(() => guarded(this.path, () => {
      const file = statSync(this.path, { throwIfNoEntry: false })?.ino ?? null
      this.file ??= file
      if (file === null || file !== this.file) return null
      // The one counts commits of others, the other rows that this connection changed.
      const { others } = this.prepare('select data_version as others from pragma_data_version').get() as { others: number }
      const { own } = this.prepare('select total_changes() as own').get() as { own: number }
      return `${others}.${own}`
    }))
    this.turn = result.catch(() => {})
    return result
  }

  async close(): Promise<void> {
    this.watch.close()
    await this.turn.catch(() => {})
    this.statements.clear()
    this.queries.clear()
    if (this.wrote) this.tidy()
    this.db.close()
    this.onClose()
  }

  /** What stays in the WAL has to be read again by every command after this one. If somebody else is at work, or the disk is full, a later one will do it. */
  private tidy(): void {
    try {
      this.db.exec('pragma busy_timeout = 0; pragma wal_checkpoint(truncate)')
    } catch {
      // Nothing is lost: what was committed is in the WAL.
    }
  }

  /** One transaction after the other: SQLite has one a connection, and `work` may await in between. */
  private inTurn<T>(begin: string, work: (tx: Transaction) => Promise<T>, keep?: 'lasting' | 'passing'): Promise<T> {
    const result = this.turn.then(async () => {
      try {
        if (keep && keep !== this.kept && !this.isFork) this.db.exec(`pragma synchronous = ${keep === 'passing' ? 'normal' : 'full'}`)
        if (keep) this.kept = keep
        this.db.exec(begin)
        try {
          const value = await work(this.transaction)
          this.db.exec('commit')
          return value
        } catch (error) {
          if (this.db.isTransaction) this.db.exec('rollback')
          throw error
        }
      } catch (error) {
        throw translated(this.path, error)
      }
    })
    this.turn = result.catch(() => {})
    return result
  }

  /** Rows that are all to become alike are one statement; false when they are not. */
  private updateAlike(table: Table, changed: readonly string[], rows: readonly Row[]): boolean {
    const first = rows[0]!
    const fixedKey = table.key.slice(0, -1)
    const lastKey = table.key.at(-1)!
    for (const row of rows) {
      for (const column of changed) if (row[column] !== first[column]) return false
      for (const column of fixedKey) if (row[column] !== first[column]) return false
    }
    const where = [...fixedKey.map(column => `${column} = ?`), `${lastKey} in (select value from json_each(?))`].join(' and ')
    this.prepare(`update ${table.name} set ${changed.map(column => `${column} = ?`).join(', ')} where ${where}`)
      .run(...changed.map(column => first[column] ?? null), ...fixedKey.map(column => first[column] ?? null), JSON.stringify(rows.map(row => row[lastKey])))
    return true
  }

  private prepare(sql: string): Statement {
    let statement = this.statements.get(sql)
    if (statement) return statement
    if (this.statements.size >= keptStatements) this.statements.delete(this.statements.keys().next().value!)
    this.statements.set(sql, (statement = this.db.prepare(sql)))
    return statement
  }

  /** The statement of a query. A run of many waves asks the same few again and again: comparing costs less than writing them anew. */
  private query(selection: Selection, rest: string): Statement {
    const known = this.queries.get(rest)
    const found = known?.find(one => isSame(one.selection, selection))
    if (found) return found.statement
    const names = Object.keys(selection)
    const inner = names.map((name, at) => `${selection[name]!} as c${at}`).join(', ')
    // Reading many cells one by one through the native binding is ten times dearer than one JSON text.
    const statement = this.db.prepare(`select json_group_array(json_object(${names.map((name, at) => `'${name}', c${at}`).join(', ')})) as j from (select ${inner} ${rest})`)
    if (this.queries.size >= keptStatements) this.queries.delete(this.queries.keys().next().value!)
    this.queries.set(rest, [{ selection, statement }, ...(known ?? []).slice(0, keptAlike - 1)])
    return statement
  }

  private readonly transaction: Transaction = {
    select: async <T>(selection: Selection, rest: string, params: readonly Cell[] = []) => {
      const row = this.query(selection, rest).get(...params) as { j: string }
      return JSON.parse(row.j) as T[]
    },
    json: async (selection, shape, rest, params = []) => {
      const names = Object.keys(selection)
      const inner = names.map(name => `${selection[name]!} as "${name}"`).join(', ')
      const outer = Object.entries(shape).map(([name, expression]) => `'${name}', ${expression}`).join(', ')
      const row = this.prepare(`select count(*) as n, group_concat(json_object(${outer}), char(44, 10)) as j from (select ${inner} ${rest})`).get(...params) as { n: number; j: string | null }
      return { json: `[${row.j ?? ''}]`, count: row.n }
    },
    insert: async (table, rows) => {
      if (rows.length === 0) return
      // Columns that no row fills are left out: binding a null costs as much as a value.
      const columns = Object.keys(table.columns).filter(column => rows.some(row => row[column] != null))
      const one = `(${columns.map(() => '?').join(', ')})`
      // Many rows a statement: half of what a row costs is the call.
      for (let from = 0; from < rows.length;) {
        const count = rowsPerInsert.find(most => rows.length - from >= most)!
        const cells: Cell[] = []
        for (let at = from; at < from + count; at++) for (const column of columns) cells.push(rows[at]![column] ?? null)
        this.prepare(`insert into ${table.name} (${columns.join(', ')}) values ${Array.from({ length: count }, () => one).join(', ')}`).run(...cells)
        from += count
      }
    },
    update: async (table, rows) => {
      if (rows.length === 0) return
      const changed = Object.keys(rows[0]!).filter(column => !table.key.includes(column))
      if (rows.length > 1 && this.updateAlike(table, changed, rows)) return
      const statement = this.prepare(`update ${table.name} set ${changed.map(column => `${column} = ?`).join(', ')} where ${table.key.map(column => `${column} = ?`).join(' and ')}`)
      const columns = [...changed, ...table.key]
      const cells: Cell[] = columns.map(() => null)
      for (const row of rows) {
        for (let at = 0; at < columns.length; at++) cells[at] = row[columns[at]!] ?? null
        statement.run(...cells)
      }
    },
    remove: async (table, keys) => {
      const [only] = table.key
      if (table.key.length === 1) {
        if (keys.length > 0) this.prepare(`delete from ${table.name} where ${only} in (select value from json_each(?))`).run(JSON.stringify(keys.map(key => key[only!])))
        return
      }
      const statement = this.prepare(`delete from ${table.name} where ${table.key.map(column => `${column} = ?`).join(' and ')}`)
      for (const key of keys) statement.run(...table.key.map(column => key[column] ?? null))
    },
    run: async (sql, params = []) => Number(this.prepare(sql).run(...params).changes),
  }
}

function isSame(a: Selection, b: Selection): boolean {
  if (a === b) return true
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every(name => a[name] === b[name])
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw translated(path, error)
  }
}

function faultOf(error: unknown, path: string): 'store.corrupt' | 'store.full' | 'store.unreadable' | 'store.read-only' | 'store.busy' | null {
  const text = error instanceof Error ? error.message : ''
  if (/not a database|malformed|unsupported file format|no such (table|column)/i.test(text)) return 'store.corrupt'
  if (/disk is full|database or disk|ENOSPC|EDQUOT/i.test(text)) return 'store.full'
  // Where SQLite finds no room for the index of its WAL it says no more than this.
  if (/disk i\/o error/i.test(text) && statfsSync(dirname(path)).bavail < leastBlocks) return 'store.full'
  if (/disk i\/o error/i.test(text)) return 'store.unreadable'
  if (/readonly|read-only|unable to open|EROFS|EACCES|ENOENT|ENOTDIR/i.test(text)) return 'store.read-only'
  if (/database is locked|busy/i.test(text)) return 'store.busy'
  return null
}

const hints = {
  'store.corrupt': 'restore it from a backup, or move it away and make the farm anew',
  'store.full': 'make room on that disk, then try again; what was recorded before is there, and a run that was cut can be resumed: run list',
  'store.unreadable': 'look at the disk and the system log; restore the farm from a backup if it stays so',
  'store.read-only': 'looking works, changing does not: check who owns the files and how the disk is mounted',
  'store.busy': 'try again; if it stays so, look for a hanging ovmcli process',
} as const

/** A driver's error as a Refusal that names the file; anything unknown stays as it is, a defect. */
function translated(path: string, error: unknown): unknown {
  const code = error instanceof Refusal ? null : faultOf(error, path)
  return code ? new Refusal(code, `${path}: ${code === 'store.full' ? 'no room is left: ' : ''}${(error as Error).message}`, hints[code]) : error
}
