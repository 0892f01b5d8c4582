import { groupBy } from '../model/group.js'
import type { Way } from '../model/operations/row.js'
import type { QueuedItem } from './launch.js'

/** How many queued guests of one pool are looked at in one launch: more than the limits of 32 servers let begin. */
const launchLook = 160
/** The same of work on files, at first, and at most: mostly a repository lets four begin, but what copies nothing begins at once. */
const filesLook = { first: 16, most: 2_560 }

/** What of a run has not begun, pool by pool in its order, and the stages that come after. A copy of what the store holds. */
export class RunQueue {
  private readonly pools = new Map<string, QueuedItem[]>()
  private readonly later: QueuedItem[][] = []
  /** how many of a pool the next launch looks at */
  private look: number

  constructor(private readonly way: Way) {
    this.look = way === 'files' ? filesLook.first : launchLook
  }

  /** Whether nothing of the stage that is under way is left. */
  get isEmpty(): boolean {
    return this.pools.size === 0
  }

  /** Whether there are further stages. */
  get hasLater(): boolean {
    return this.later.length > 0
  }

  /** The number of the next stage; undefined when there is none. */
  get laterStage(): number | undefined {
    return this.later[0]?.[0]?.stage
  }

  /** Servers that were emptied and wait to be switched: they are begun already, whatever failed meanwhile. */
  get emptied(): QueuedItem[] {
    return this.way === 'power' ? [...this.pools.values()].flat().filter(item => item.evacuated) : []
  }

  /** Adds stages behind those there are. */
  stage(stages: readonly QueuedItem[][]): void {
    this.later.push(...stages)
  }

  /** Goes on to the next stage. */
  nextStage(): void {
    this.add(this.later.shift()!)
  }

  /** Puts items where they belong in the order of the run. */
  add(items: readonly QueuedItem[]): void {
    for (const [poolId, of] of groupBy(items, item => item.poolId)) this.pools.set(poolId, [...(this.pools.get(poolId) ?? []), ...of].sort((a, b) => a.ordinal - b.ordinal))
  }

  /** What of every pool is looked at next, but for servers that were emptied. */
  heads(): QueuedItem[][] {
    const queues = [...this.pools.values()]
    return (this.way === 'power' ? queues.map(queue => queue.filter(item => !item.evacuated)) : queues).map(queue => queue.slice(0, this.look))
  }

  /** Whether nothing that was looked at of a pool's work on files has to wait, and there is more: then more is looked at. */
  lookFurther(heads: readonly (readonly QueuedItem[])[]): boolean {
    if (this.way !== 'files') return false
    const further = heads.some(head => head.length === this.look && this.pools.get(head[0]!.poolId)?.includes(head.at(-1)!) === false)
    this.look = further ? Math.min(this.look * 2, filesLook.most) : filesLook.first
    return further
  }

  /** Takes out items, which stand near the front: the rest of a long queue is left alone. */
  remove(items: readonly QueuedItem[]): void {
    for (const [poolId, of] of groupBy(items, item => item.poolId)) {
      const queue = this.pools.get(poolId)
      if (!queue) continue
      const gone = new Set(of.map(item => item.ordinal))
      const kept: QueuedItem[] = []
      let seen = 0
      for (; gone.size > 0 && seen < queue.length; seen++) if (!gone.delete(queue[seen]!.ordinal)) kept.push(queue[seen]!)
      if (kept.length + queue.length === seen) this.pools.delete(poolId)
      else queue.splice(0, seen, ...kept)
    }
  }

  /** Forgets items by their ordinals, of whatever stage. */
  leaveOut(gone: ReadonlySet<number>): void {
    const left = (items: readonly QueuedItem[]) => items.filter(item => !gone.has(item.ordinal))
    const queued = [...this.pools.values()].flatMap(left)
    this.pools.clear()
    this.add(queued)
    this.later.splice(0, this.later.length, ...this.later.map(left).filter(items => items.length > 0))
  }

  /** Forgets all; what there was. */
  clear(): QueuedItem[] {
    const all = [...[...this.pools.values()].flat(), ...this.later.flat()]
    this.pools.clear()
    this.later.length = 0
    return all
  }
}
