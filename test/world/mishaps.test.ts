import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../src/model/errors.js'
import { faultKindFacts, faultKinds, type FaultKind } from '../../src/model/fault-kinds.js'
import { SimFarm } from './sim-farm.js'

const guestNames = Array.from({ length: 10 }, (_, at) => `vm${at + 1}`)
const serverNames = ['ovs1', 'ovs2', 'ovs3']
const guest = fc.constantFrom(...guestNames)
const server = fc.constantFrom(...serverNames)

/** A step of a random history: work on a guest or a server, a fault, time that passes, or an end of all faults. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('work' as const), work: fc.constantFrom('create', 'shutdown', 'reboot', 'pause', 'unpause', 'save', 'restore', 'migrate'), guest, server, to: server, force: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('power' as const), work: fc.constantFrom('on', 'off', 'cycle'), server }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('fault' as const), fault: fc.constantFrom(...(Object.keys(faultKinds) as FaultKind[])), guest, server, afterMs: fc.integer({ min: 0, max: 60_000 }), forMs: fc.option(fc.integer({ min: 1, max: 300_000 }), { nil: null }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('time' as const), seconds: fc.integer({ min: 0, max: 120 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

describe('the world under random work and faults', () => {
  it('keeps what must always hold, and comes to rest (property)', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.boolean(), async (steps, running) => {
      const farm = await SimFarm.make({ running })
      try {
        for (const one of steps) {
          await perform(farm, one).catch(refused)
          await checkAlways(farm)
        }
        await farm.clear()
        await farm.pass(86_400)
        await checkAtRest(farm)
      } finally {
        await farm.remove()
      }
    }), { numRuns: Number(process.env['OVMCLI_SIM_RUNS'] ?? 60), ...(process.env['OVMCLI_SIM_SEED'] ? { seed: Number(process.env['OVMCLI_SIM_SEED']) } : {}) })
  })
})

function refused(error: unknown): void {
  if (!(error instanceof Refusal)) throw error
}

async function perform(farm: SimFarm, one: Step): Promise<void> {
  switch (one.kind) {
    case 'time': return farm.pass(one.seconds)
    case 'clear': return void (await farm.clear())
    case 'power': return farm.power(one.server)[one.work as 'on'](farm.ticket())
    case 'fault': {
      const { takes, flags } = faultKindFacts(one.fault)
      await farm.fault(one.fault, takes[0] === 'server' ? one.server : one.guest, { afterMs: one.afterMs, forMs: flags.includes('for') ? one.forMs : null })
      return
    }
    case 'work': {
      const hypervisor = farm.hypervisor(one.server)
      const busy = await farm.rows({ job: 'job' }, `from activity where vm_id = '${farm.id(one.guest)}' and ended_at is null`)
      // The manager's leases: no two changes of one guest at a time.
      if (busy.length > 0) return
      const state = await farm.state(one.guest)
      const runs = state === `running on ${one.server}`
      switch (one.work) {
        case 'create': return hypervisor.create(farm.ticket(), farm.guest(one.guest))
        case 'restore': return hypervisor.restore(farm.ticket(), farm.guest(one.guest))
        case 'shutdown': return hypervisor.shutdown(farm.ticket(), farm.id(one.guest), { force: one.force, graceMs: 60_000, forceAfterMs: null })
        case 'migrate': return runs && one.to !== one.server ? hypervisor.migrate(farm.ticket(), farm.id(one.guest), farm.id(one.to)) : undefined
        case 'unpause': return state === `paused on ${one.server}` ? hypervisor.unpause(farm.ticket(), farm.id(one.guest)) : undefined
        default: return runs ? hypervisor[one.work as 'pause'](farm.ticket(), farm.id(one.guest)) : undefined
      }
    }
  }
}

async function checkAlways(farm: SimFarm): Promise<void> {
  const none = async (what: string, rest: string) => expect(await farm.rows({ n: '1' }, rest), what).toEqual([])
  await none('more memory in use than a host has', 'from host h where h.memory_mib - 1024 < (select coalesce(sum(d.memory_mib), 0) from domain d where d.host_id = h.id or d.target_host_id = h.id)')
  await none('a VNC port used twice', 'from domain group by host_id, vnc_port having count(*) > 1')
  await none('a domain on, or on its way to, a host that is not up', `from domain d join host h on h.id = d.host_id or h.id = d.target_host_id where h.power <> 'on'`)
  await none('work on a guest on a host that is not up', `from activity a join host h on h.id = a.host_id or h.id = a.target_host_id where a.ended_at is null and a.vm_id is not null and h.power <> 'on'`)
  await none('work that is due and has ended, or neither', 'from activity where (due_at is null) = (ended_at is null)')
  await none('a migration of which a domain knows nothing, or the other way round', `from domain d where (d.target_host_id is not null) <> exists (select 1 from activity a where a.vm_id = d.vm_id and a.kind = 'migrate' and a.ended_at is null)`)
  await none('a server that starts though nothing boots it', `from host h where h.power = 'starting' and not exists (select 1 from activity a where a.host_id = h.id and a.vm_id is null and a.ended_at is null)`)
  await none('two changes of the power of one server', 'from activity where vm_id is null and ended_at is null group by host_id having count(*) > 1')
  await none('something due in the past', `from (select due_at from activity union all select due_at from fault) d join meta m on m.key = 'now' where d.due_at < cast(m.value as integer)`)
  await none('a fault that is over and due', `from fault where state = 'over' and due_at is not null`)
}

async function checkAtRest(farm: SimFarm): Promise<void> {
  expect(await farm.clock.nextDueMs()).toBe(null)
  expect(await farm.rows({ job: 'job' }, 'from activity where ended_at is null')).toEqual([])
  expect(await farm.rows({ state: 'distinct state' }, `from domain where state not in ('running', 'paused')`)).toEqual([])
  expect(await farm.rows({ id: 'id' }, `from host where power = 'starting'`)).toEqual([])
  expect(await farm.faults()).toEqual([])
  // Whatever has something to tell rings, and rings no more when it was heard and acknowledged.
  for (const name of serverNames) {
    const [outcomes, powerOutcomes, notices] = [await farm.hypervisor(name).outcomes(), await farm.power(name).outcomes(), await farm.hypervisor(name).notices()]
    const silent = !(await farm.world.answers(farm.id(name)))
    const loud = powerOutcomes.length > 0 || (silent ? notices.some(notice => notice.what === 'power-lost') : outcomes.length + notices.length > 0)
    expect((await farm.ringing()).includes(name), `${name} rings`).toBe(loud)
    await farm.hypervisor(name).acknowledge([...outcomes, ...powerOutcomes].map(outcome => outcome.job))
    await farm.hypervisor(name).acknowledgeNotices(notices.map(notice => notice.id))
  }
  expect(await farm.ringing()).toEqual([])
}
