import type { OperationOptions } from '../contract/requests.js'
import { nominalMs, seenFactor } from '../model/durations.js'
import { kindOf, type RunOperation } from '../model/operations.js'
import type { Reader } from '../store/store.js'

/** How many runs, and how many items of them, an expectation looks back on. */
const runsSeen = 20
const itemsSeen = 500

/** How long work of an operation is expected to take, in milliseconds: nominal, corrected by what the last runs took. */
async function expectationOf(reader: Reader, operation: RunOperation, options: Pick<OperationOptions, 'force'>): Promise<(work: { type: 'pv' | 'hvm'; memoryMiB: number }) => number> {
  const nominal = (work: { type: 'pv' | 'hvm'; memoryMiB: number }) => nominalMs({ operation, force: options.force, ...work })
  const onVms = kindOf(operation) === 'vm'
  const seen = await reader.select<{ tookMs: number; type: 'pv' | 'hvm'; memoryMiB: number; options: string }>(
    { tookMs: 'i.ended_at - i.started_at', type: onVms ? 'g.type' : `'pv'`, memoryMiB: onVms ? 'g.memory_mib' : '0', options: 'u.options' },
    `from (select id, seq, options from run where operation = ? order by seq desc limit ${runsSeen}) u join item i on i.run = u.id ${onVms ? 'join vm g on g.id = i.target_id' : ''}
      where i.result = 'done' and i.ended_at is not null order by u.seq desc, i.ordinal limit ${itemsSeen}`, [operation])
  const factor = seenFactor(seen.filter(one => (JSON.parse(one.options) as OperationOptions).force === options.force).map(one => ({ tookMs: one.tookMs, nominalMs: nominal(one) })))
  return work => nominal(work) * factor
}

/** Expectations of several operations, each looked up once. */
export class Expectations {
  private readonly known = new Map<string, (work: { type: 'pv' | 'hvm'; memoryMiB: number }) => number>()

  /** Looks up how long an operation is expected to take, unless it is known. */
  async learn(reader: Reader, operation: RunOperation, force: boolean): Promise<void> {
    const key = keyOf(operation, force)
    if (!this.known.has(key)) this.known.set(key, await expectationOf(reader, operation, { force }))
  }

  /** How long work is expected to take, in milliseconds; nominally, where nothing was learned. */
  expectedMs(operation: RunOperation, force: boolean, work: { type: 'pv' | 'hvm'; memoryMiB: number }): number {
    return this.known.get(keyOf(operation, force))?.(work) ?? nominalMs({ operation, force, ...work })
  }
}

function keyOf(operation: RunOperation, force: boolean): string {
  return `${operation}${force ? ' --force' : ''}`
}
