import type { Principal } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import type { Store } from '../../store/store.js'
import { addEvents } from '../run-records.js'
import { eventTable } from '../schema.js'

/** Among how many of the newest events a repetition is looked for, and how far back on the farm's clock, in milliseconds. */
const [newest, momentMs] = [1_000, 60_000]
/** How many refusals of one kind and moment leave an event: who tries names by the thousand is not to fill the journal. Of what somebody may not do it is as many of each: one who tries much hides nobody else. */
const mostInAMoment = 100
/** The longest name of a user that an event tells, in characters: anybody may write any. */
const longestUser = 80

interface Told { kind: string; user: string; message: string }

/**
 * Leaves an event of a refusal of who somebody is or what he may do (auth.*): the same one once a minute of the farm, and no more than a
 * hundred of a kind. That no password came is no refusal where somebody sits at a terminal, who is asked for it. Looking has to go on where nothing can
 * be written, so there it leaves none.
 */
export async function recordRefusal(store: Store, nowMs: number, principal: Principal, refusal: Refusal): Promise<void> {
  if (!refusal.code.startsWith('auth.') || (refusal.code === 'auth.password' && principal.asked && principal.password === undefined)) return
  const told: Told = { kind: refusal.code, user: principal.user.slice(0, longestUser), message: refusal.message }
  try {
    await store.transact(async tx => {
      const before = await tx.select<Pick<Told, 'user' | 'message'>>({ user: 'user', message: 'message' }, `from (select * from event order by seq desc limit ?) where kind = ? and at > ?`, [newest, told.kind, nowMs - momentMs])
      const counted = told.kind === 'auth.denied' ? before.filter(one => one.user === told.user) : before
      if (counted.length >= mostInAMoment || before.some(one => one.user === told.user && one.message === told.message)) return
      await addEvents(tx, eventTable, [{ at: nowMs, severity: 'warning', subject: told.user, ...told }])
    })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
}
