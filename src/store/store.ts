/** A value of a cell. Booleans are kept as 0 and 1, times as milliseconds since 1970, plain data as JSON text. */
export type Cell = string | number | null
/** A row to be written, by column. */
export type Row = Record<string, Cell>

/** A table: its columns with their types, its key, and the indexes its queries need. */
export interface Table {
  readonly name: string
  readonly columns: Readonly<Record<string, 'text' | 'integer' | 'real'>>
  readonly key: readonly string[]
  readonly indexes: readonly (readonly string[])[]
  /** columns that are mostly null, indexed where they are not */
  readonly sparse?: readonly string[]
}

/** Expressions to be read, by the name they get in the answer. */
export type Selection = Readonly<Record<string, string>>

/** What can be read inside a transaction. Each call is one query. */
export interface Reader {
  /** Rows of a query as objects: `select SELECTION REST`. */
  select<T>(selection: Selection, rest: string, params?: readonly Cell[]): Promise<T[]>
  /**
   * The rows of a query as JSON text, `[{…},\n{…}]`, with their count; `shape` turns each name into the expression that is printed.
   * Nothing is parsed on the way: this is how a list of ten thousand stays cheap.
   */
  json(selection: Selection, shape: Selection, rest: string, params?: readonly Cell[]): Promise<{ json: string; count: number }>
}

/** What can be read and written inside a transaction. */
export interface Transaction extends Reader {
  insert(table: Table, rows: readonly Row[]): Promise<void>
  /** Updates rows by the table's key; every row names the same columns. */
  update(table: Table, rows: readonly Row[]): Promise<void>
  remove(table: Table, keys: readonly Row[]): Promise<void>
  /** One statement that is neither of these; the number of rows it changed. */
  run(sql: string, params?: readonly Cell[]): Promise<number>
}

/** Word of commits, for one who waits. */
export interface Changes {
  /** Resolves when somebody may have committed since it last resolved; at the latest after `ms` milliseconds of real time, or when the signal aborts. */
  next(ms: number, signal?: AbortSignal): Promise<void>
  /** Whether nothing can be noticed here, so that the time-out is all there is: known once `next` was asked. */
  isBlind(): boolean
}

/**
 * What the manager's repository and the simulated world are kept in: load → pure step → commit. A transaction sees one
 * state of the store, and commits all it wrote or nothing; writers follow one another.
 */
export interface Store {
  read<T>(work: (reader: Reader) => Promise<T>): Promise<T>
  /**
   * Loads, decides and commits; when `work` throws nothing is written. What it returned is durable once this resolves. What is
   * `passing` may be lost with the power of the machine, though not with the process: it does not wait for the disk, and is durable
   * with the next that is not. For what means nothing to whoever comes after, or is done again.
   */
  transact<T>(work: (tx: Transaction) => Promise<T>, keep?: 'lasting' | 'passing'): Promise<T>
  /** A private copy of the store as it stands: commits to it never reach this one. Close it to drop it. */
  fork(): Promise<Store>
  /** The commits to this store from now on, by anybody: for one who waits for them. */
  changes(): Changes
  /** What is another text whenever somebody committed in between, and means nothing to anybody else; null when the store is not there any more. */
  version(): Promise<string | null>
  close(): Promise<void>
}
