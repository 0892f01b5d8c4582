import type { Way } from '../../src/model/operations/row.js'
import type { Presence } from '../../src/sim/presence.js'
import type { Cell, Changes, Reader, Selection, Store, Transaction } from '../../src/store/store.js'

const leases = 'from item where lease is not null'

/** Rows of every select of a transaction as a defect lets them be seen. */
function seen(tx: Transaction, change: (rows: object[], selection: Selection, rest: string) => object[]): Partial<Transaction> {
  return { select: async <T>(selection: Selection, rest: string, params?: readonly Cell[]) => change(await tx.select<object>(selection, rest, params), selection, rest) as T[] }
}

/** Defects planted in the stores of clients, to see that the simulation finds them: what a transaction does otherwise. */
const plants = {
  /** every fifth commit is lost, and nobody is told */
  'reported-before-committed': null,
  'lease-not-checked': tx => seen(tx, (rows, _, rest) => (rest === leases ? [] : rows)),
  /** what is copied may be changed, started or deleted meanwhile */
  'source-not-held': tx => seen(tx, (rows, selection, rest) => (rest === leases && 'sourceId' in selection ? rows.map(row => ({ ...row, sourceId: null })) : rows)),
  /** what was written when work on files began stays when that fails */
  'not-taken-back': tx => seen(tx, (rows, selection) => ('undo' in selection ? rows.map(row => ({ ...row, undo: null })) : rows)),
  /** files stay that were not made to their end, and those of what is deleted */
  'files-left': tx => ({ remove: async (table, rows) => { if (table.name !== 'file') await tx.remove(table, rows) } }),
} satisfies Record<string, ((tx: Transaction) => Partial<Transaction>) | null>

/** A planted defect. */
export type Planted = keyof typeof plants
/** Every defect that can be planted: in what work it shows, and a seed with which chance meets it soon. */
export const planteds: readonly (readonly [Planted, readonly Way[], number])[] = [
  ['reported-before-committed', ['guest', 'power', 'files', 'records'], 1], ['lease-not-checked', ['files'], 1], ['source-not-held', ['files'], 1], ['not-taken-back', ['files'], 18], ['files-left', ['files'], 1],
]

/** One client of a farm: a process that may die at a write boundary, before its n-th commit or right after it. */
export class Actor {
  alive = true
  ended = false
  boundaries = 0

  constructor(readonly pid: number, readonly death: { at: number; committed: boolean } | null, readonly planted: Planted | null = null) {}

  get playing(): boolean {
    return this.alive && !this.ended
  }
}

/** After so long, in milliseconds of real time, a client that asks for no turn and does not end hangs. */
const hangMs = 60_000

/**
 * Plays several clients in one process: one store operation at a time, whose turn it is decided from outside. So every
 * interleaving of their commits can happen, and the same choices make the same history.
 */
export class Turns {
  private readonly waiting: { actor: Actor; go: () => void }[] = []
  private stamp = 0
  private committed = false
  readonly actors: Actor[] = []

  presenceOf(actor: Actor): Presence {
    return { pid: actor.pid, born: 'here', isAlive: pid => this.actors.find(one => one.pid === pid)?.playing ?? false }
  }

  /** Resolves when it is the actor's turn; never, once it is dead. */
  pass(actor: Actor): Promise<void> {
    this.stamp++
    return new Promise(resolve => { if (actor.alive) this.waiting.push({ actor, go: resolve }) })
  }

  die(actor: Actor): Promise<never> {
    this.stamp++
    actor.alive = false
    this.forget(actor)
    return new Promise(() => {})
  }

  end(actor: Actor): void {
    this.stamp++
    actor.ended = true
  }

  /** Something was committed: what holds has to be looked at anew. */
  noteCommit(): void {
    this.committed = true
  }

  /** Lets the actors play until all have ended or died; `after` is called after every turn in which something was written. */
  async play(choose: (among: number) => number, after: () => Promise<void>, mostTurns: number): Promise<void> {
    for (let turn = 0; this.actors.some(actor => actor.playing); turn++) {
      await this.quiet()
      if (!this.actors.some(actor => actor.playing)) return
      if (turn > mostTurns) throw new Error(`clients still play after ${mostTurns} turns`)
      const [next] = this.waiting.splice(choose(this.waiting.length), 1)
      next!.go()
      await this.quiet()
      if (this.committed) await after()
      this.committed = false
    }
  }

  private forget(actor: Actor): void {
    for (let at = this.waiting.length - 1; at >= 0; at--) if (this.waiting[at]!.actor === actor) this.waiting.splice(at, 1)
  }

  /** Until nobody does anything any more but wait for a turn: also whoever loads a room, or hashes a password, which takes what time it takes. */
  private async quiet(): Promise<void> {
    const hangsAt = Date.now() + hangMs
    for (let calm = 0, seen = this.stamp; calm < 4; calm++) {
      await new Promise(resolve => setImmediate(resolve))
      if (seen !== this.stamp) { calm = -1; seen = this.stamp }
      else if (this.actors.some(actor => actor.playing && !this.waiting.some(one => one.actor === actor))) {
        if (Date.now() > hangsAt) throw new Error('a client waits for something that never comes')
        calm = -1
      }
    }
  }
}

/** A rollback that carries what the work returned. */
class Forgotten extends Error {
  constructor(readonly value: unknown) { super('forgotten') }
}

/** The store of one client: every operation waits for its turn, and the client may die at one. */
export class ActorStore implements Store {
  constructor(private readonly inner: Store, private readonly actor: Actor, private readonly turns: Turns) {}

  async read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    await this.turns.pass(this.actor)
    return this.inner.read(work)
  }

  async transact<T>(work: (tx: Transaction) => Promise<T>, keep?: 'lasting' | 'passing'): Promise<T> {
    const { actor, turns } = this
    await turns.pass(actor)
    const dies = actor.death?.at === ++actor.boundaries
    if (dies && !actor.death!.committed) return turns.die(actor)
    const result = await this.commit(work, keep)
    turns.noteCommit()
    return dies ? turns.die(actor) : result
  }

  private async commit<T>(work: (tx: Transaction) => Promise<T>, keep?: 'lasting' | 'passing'): Promise<T> {
    const { planted, boundaries } = this.actor
    const plant = planted && plants[planted]
    if (plant) return this.inner.transact(tx => work({ ...tx, ...plant(tx) }))
    if (planted !== 'reported-before-committed' || boundaries % 5 !== 0) return this.inner.transact(work, keep)
    try {
      return await this.inner.transact(async tx => { throw new Forgotten(await work(tx)) })
    } catch (error) {
      if (error instanceof Forgotten) return error.value as T
      throw error
    }
  }

  fork(): Promise<Store> {
    return this.inner.fork()
  }

  changes(): Changes {
    return { next: () => this.turns.pass(this.actor), isBlind: () => false }
  }

  async version(): Promise<string | null> {
    await this.turns.pass(this.actor)
    return this.inner.version()
  }

  async close(): Promise<void> {}
}
