import type { RunRequest } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { isGlob } from '../model/names.js'
import type { VmOperation } from '../model/vm-states.js'
import type { Reader } from '../store/store.js'
import { isNarrowing, type Target } from './targets.js'

/** Operations on guests that want a confirmation when they reach more than one named guest (cli.md, "Confirmation"). */
const confirmedWhenMany: readonly VmOperation[] = ['stop', 'reboot', 'suspend']

/** Checks the guards of a run against its targets, before anything is done. @throws Refusal guard.* */
export async function checkGuards(reader: Reader, request: RunRequest, targets: readonly Target[]): Promise<void> {
  const { guards, selector } = request
  const count = targets.length
  if (guards.expect !== null && count !== guards.expect) {
    throw new Refusal('guard.expect', `${count} guests are selected, ${guards.expect} were expected`, 'look at the selection with vm list', { expected: guards.expect, selected: count })
  }
  if (guards.maxTargets !== null && count > guards.maxTargets) {
    throw new Refusal('guard.max-targets', `${count} guests are selected, at most ${guards.maxTargets} are allowed`, 'narrow the selection, or raise --max-targets', { allowed: guards.maxTargets, selected: count })
  }
  if (guards.maxSharePercent !== null) await checkShare(reader, guards.maxSharePercent, targets)
  const broad = count > 1 || selector.all || isNarrowing(selector) || selector.names.some(isGlob)
  if (confirmedWhenMany.includes(request.operation) && broad && count > 0 && !guards.confirmed && !request.policy.dryRun) {
    throw new Refusal('guard.confirm', `vm ${request.operation} of ${count} ${count === 1 ? 'guest' : 'guests'} wants a confirmation`, 'add --yes, or look first with --dry-run', { count, names: targets.slice(0, 20).map(target => target.name) })
  }
}

async function checkShare(reader: Reader, percent: number, targets: readonly Target[]): Promise<void> {
  const totals = new Map((await reader.select<{ pool: string; n: number }>({ pool: 'p.name', n: 'count(*)' }, 'from vm g join pool p on p.id = g.pool_id group by p.id')).map(row => [row.pool, row.n]))
  const selected = new Map<string, number>()
  for (const target of targets) selected.set(target.pool, (selected.get(target.pool) ?? 0) + 1)
  const breaches = [...selected].map(([pool, count]) => ({ pool, selected: count, allowed: Math.floor((totals.get(pool)! * percent) / 100) })).filter(row => row.selected > row.allowed)
  const [first] = breaches
  if (first) throw new Refusal('guard.max-share', `${first.selected} guests of pool ${first.pool} are selected, ${percent} % of it are ${first.allowed}`, 'narrow the selection, or raise --max-share', { pools: breaches })
}
