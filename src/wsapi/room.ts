import { Tally } from './tally.js'

/** How many bytes one request may hold without being counted: a usual call always has its place. */
const freeBytes = 65_536

/** What is held for one request. */
export interface Place {
  /** It holds so many bytes from now on. `drop` gives them up; null: they cannot be given up. */
  hold(bytes: number, drop: (() => void) | null): void
  /** It holds nothing any more. */
  leave(): void
}

interface Held { owner: string; bytes: number; drop: (() => void) | null }

/**
 * Memory that is held for users, of which there is so much. When it is too little, whoever holds most gives up what he has held
 * longest: one who sends or takes slowly and at length harms himself.
 */
export class Room {
  private readonly places = new Set<Held>()
  private readonly byOwner = new Tally()
  private bytes = 0

  constructor(private readonly mostBytes: number) {}

  /** A place for a request of somebody; it holds nothing yet. */
  enter(owner: string): Place {
    const held: Held = { owner, bytes: 0, drop: null }
    return {
      hold: (bytes, drop) => {
        this.places.add(held)
        held.drop = drop
        this.count(held, bytes)
        while (this.bytes > this.mostBytes) {
          const victim = this.victim()
          if (!victim) return
          const giveUp = victim.drop!
          this.remove(victim)
          giveUp()
        }
      },
      leave: () => this.remove(held),
    }
  }

  /** How many bytes are held for somebody. */
  heldFor(owner: string): number {
    return this.byOwner.of(owner)
  }

  /** What was held longest, of those of whoever holds most, that can be given up. */
  private victim(): Held | undefined {
    let victim: Held | undefined
    for (const held of this.places) {
      if (held.drop && held.bytes > 0 && (!victim || this.heldFor(held.owner) > this.heldFor(victim.owner))) victim = held
    }
    return victim
  }

  private remove(held: Held): void {
    this.count(held, 0)
    held.drop = null
    this.places.delete(held)
  }

  private count(held: Held, bytes: number): void {
    const counted = bytes > freeBytes ? bytes : 0
    const more = counted - held.bytes
    this.bytes += more
    held.bytes = counted
    this.byOwner.add(held.owner, more)
  }
}
