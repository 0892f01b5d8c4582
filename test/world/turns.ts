import type { Presence } from '../../src/sim/presence.js'
import type { Changes, Reader, Store, Transaction } from '../../src/store/store.js'

/** A defect planted in the store of a client, to see that the simulation finds it. */
export type Planted = 'reported-before-committed' | 'lease-not-checked'

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

/**
 * Plays several clients in one process: one store operation at a time, whose turn it is decided from outside. So every
 * interleaving of their commits can happen, and the same choices make the same history.
 */
export class Turns {
  private readonly waiting: { actor: Actor; go: () => void }[] = []
  private stamp = 0
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

  /** Lets the actors play until all have ended or died; `after` is called after every turn. */
  async play(choose: (among: number) => number, after: () => Promise<void>, mostTurns: number): Promise<void> {
    for (let turn = 0; this.actors.some(actor => actor.playing); turn++) {
      await this.quiet()
      if (!this.actors.some(actor => actor.playing)) return
      if (this.waiting.length === 0) throw new Error('clients wait for something that never comes')
      if (turn > mostTurns) throw new Error(`clients still play after ${mostTurns} turns`)
      const [next] = this.waiting.splice(choose(this.waiting.length), 1)
      next!.go()
      await this.quiet()
      await after()
    }
  }

  private forget(actor: Actor): void {
    for (let at = this.waiting.length - 1; at >= 0; at--) if (this.waiting[at]!.actor === actor) this.waiting.splice(at, 1)
  }

  /** Until nobody does anything any more but wait for a turn. */
  private async quiet(): Promise<void> {
    for (let calm = 0, seen = this.stamp; calm < 4; calm++) {
      await new Promise(resolve => setImmediate(resolve))
      if (seen !== this.stamp) { calm = -1; seen = this.stamp }
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

  async transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { actor, turns } = this
    await turns.pass(actor)
    const dies = actor.death?.at === ++actor.boundaries
    if (dies && !actor.death!.committed) return turns.die(actor)
    const result = await this.commit(work)
    return dies ? turns.die(actor) : result
  }

  private async commit<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { planted, boundaries } = this.actor
    if (planted === 'lease-not-checked') return this.inner.transact(tx => work({ ...tx, select: async (selection, rest, params) => (rest === 'from item where lease is not null' ? [] : tx.select(selection, rest, params)) }))
    if (planted !== 'reported-before-committed' || boundaries % 5 !== 0) return this.inner.transact(work)
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
