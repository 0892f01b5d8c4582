import { kindsWord, kindWords, type RecordKind } from '../contract/fields.js'
import type { RunRequest } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { isGlob } from '../model/glob.js'
import { confirmationOf, kindOf, operationRow, operationWords, targetKindOf } from '../model/operations.js'
import type { Reader } from '../store/store.js'
import { recordSources } from './records.js'
import { isNarrowing, type Target } from './targets.js'

/** Checks the guards of a run against its targets, before anything is done. @throws Refusal guard.* */
export async function checkGuards(reader: Reader, request: RunRequest, targets: readonly Pick<Target, 'name' | 'poolId' | 'pool'>[]): Promise<void> {
  const { guards, operation } = request
  const count = targets.length
  const kind = targetKindOf(operation)
  if (guards.expect !== null && count !== guards.expect) {
    throw new Refusal('guard.expect', `${counted(count, kind)} selected, ${guards.expect} expected`, `look at the selection with ${kind} list`, { expected: guards.expect, selected: count })
  }
  if (guards.maxTargets !== null && count > guards.maxTargets) {
    throw new Refusal('guard.max-targets', `${counted(count, kind)} selected, at most ${guards.maxTargets} allowed`, 'narrow the selection, or raise --max-targets', { allowed: guards.maxTargets, selected: count })
  }
  if (guards.maxSharePercent !== null && !operationRow(operation).makes) await checkShare(reader, request, guards.maxSharePercent, targets)
  if (wantsConfirmation(request, count) && count > 0 && !guards.confirmed && !request.policy.dryRun) {
    throw new Refusal('guard.confirm', `${operationWords(operation)} of ${counted(count, kind)} wants a confirmation`, 'add --yes, or look first with --dry-run', { count, names: targets.slice(0, 20).map(target => target.name) })
  }
}

function wantsConfirmation({ operation, selector }: RunRequest, count: number): boolean {
  const when = confirmationOf(operation)
  if (when !== 'many') return when === 'always'
  return count > 1 || selector.all || isNarrowing(selector) || selector.targets.some(ref => typeof ref === 'string' && isGlob(ref))
}

async function checkShare(reader: Reader, request: RunRequest, percent: number, targets: readonly Pick<Target, 'poolId' | 'pool'>[]): Promise<void> {
  const kind = kindOf(request.operation)
  const { from, poolId = `''` } = recordSources[kind]
  const totals = new Map((await reader.select<{ poolId: string; n: number }>({ poolId, n: 'count(*)' }, `from ${from} where ${poolId} in (select value from json_each(?)) group by ${poolId}`, [JSON.stringify([...new Set(targets.map(target => target.poolId))])])).map(row => [row.poolId, row.n]))
  const selected = new Map<string, { pool: string; n: number }>()
  for (const { poolId: id, pool } of targets) selected.set(id, { pool, n: (selected.get(id)?.n ?? 0) + 1 })
  const breaches = [...selected].map(([id, { pool, n }]) => ({ pool, selected: n, allowed: Math.floor((totals.get(id)! * percent) / 100) })).filter(row => row.selected > row.allowed)
  const [first] = breaches
  if (first) throw new Refusal('guard.max-share', `${counted(first.selected, kind)} ${first.pool === '' ? '' : `of pool ${first.pool} `}selected, ${percent} % of ${first.pool === '' ? 'all' : 'it'} is ${first.allowed}`, 'narrow the selection, or raise --max-share', { pools: breaches })
}

function counted(count: number, kind: RecordKind): string {
  return `${count} ${count === 1 ? kindWords[kind] : kindsWord(kind)}`
}
