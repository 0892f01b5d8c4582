import { failedEnd, type Act, type ActEnd } from '../acts.js'
import { fault, ownOptions } from '../launch.js'
import type { ItemRecord, RunRecord } from '../run-records.js'
import { adjustRunning } from './adjust.js'
import { changeWords } from './change-words.js'
import { outOfReach } from './recorded.js'
import { changeOf, planUpdate, wishOf, type Wish } from './update-plan.js'
import { applyWrites } from '../write.js'
import { writesOf, type Updated } from './update-rows.js'
import { loadUpdateScene, type UpdateScene } from './update-scene.js'

/**
 * Changes what guests are (`vm update`). What is so already is unchanged; of the rest only what differs is written. Running guests
 * that get other memory or virtual CPUs are changed before, on their servers.
 */
export const updateAct: Act<void> = {
  prepare: adjustRunning,
  async carryOut(tx, { run, items }) {
    const wishes = items.map(item => wishOf(ownOptions(run.options, item)))
    const scene = await loadUpdateScene(tx, run, items, wishes.flatMap(({ change }) => change.name ?? []))
    const ends = items.map((item, at) => endOf(item, run, wishes[at]!, scene))
    await applyWrites(tx, ends.flatMap(({ updated }) => (updated ? writesOf(updated) : [])))
    return ends.map(({ end }) => end)
  },
}

function endOf(item: ItemRecord, run: RunRecord, wish: Wish, scene: UpdateScene): { end: ActEnd; updated?: Updated } {
  const guest = scene.guests.get(item.targetId)
  const out = outOfReach(item, guest)
  if (out) return { end: out }
  const { state } = guest!
  const plan = planUpdate(guest!, wish, scene)
  if ('fault' in plan) return { end: failedEnd(plan.fault, state) }
  const { fields, after, live } = plan
  if (fields.length === 0) return { end: run.policy.strict ? failedEnd(fault('vm.unchanged', `guest ${item.name} is so already`, 'leave out --strict to take that as success'), state) : { result: 'unchanged', error: null, state } }
  // It began to run since its server was to be asked.
  if (live) return { end: failedEnd(fault('lease.held', `guest ${item.name} was changed meanwhile`, 'ask again'), state) }
  const change = changeOf(guest!, after, fields, scene)
  return { end: { result: 'done', error: null, state, event: changeWords(item.name, change), change }, updated: { id: item.targetId, details: guest!.details, fields, before: guest!.facts, after } }
}
