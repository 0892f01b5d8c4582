import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { noNarrowing, type WaitRequest } from '../../src/contract/requests.js'
import { addFaultTo } from '../../src/embedded/faults.js'
import { makeFarm } from '../../src/embedded/make-farm.js'
import { managerOver, openStores } from '../../src/embedded/open.js'
import { allKnown } from '../../src/manager/people/logins.js'
import { ServedManager } from '../../src/serve/served-manager.js'
import { shared } from '../../src/serve/shared-store.js'
import { planOf } from '../../src/sim/presets.js'
import { requestOf } from '../manager/permitted-farm.js'

const ends: (() => Promise<void>)[] = []
afterEach(async () => { for (const end of ends.splice(0)) await end() })

const principal = { user: 'admin' }

/** A served farm whose clock runs as ours does, with something due in five hours: whoever waits for a guest waits that long. */
async function farm() {
  const folder = mkdtempSync(join(tmpdir(), 'ovmcli-waits-'))
  const stores = openStores(folder, true)
  await makeFarm(stores.repository, stores.world, planOf('figure-7', { pools: null, servers: null, guests: null }), { name: 'test', seed: 1, running: false, ha: false })
  const manager = new ServedManager(() => managerOver('test', shared(stores.repository), shared(stores.world), {}, allKnown), (what, error) => { throw new Error(what, { cause: error }) })
  await addFaultTo(stores, { farm: null, kind: 'guest-crash', subject: 'vm1', at: null, afterMs: 5 * 3_600_000, forMs: null, probability: null, count: null })
  await manager.moveClock({ principal, advanceMs: null, rate: 1 })
  ends.push(async () => {
    await manager.close()
    await stores.repository.close()
    await stores.world.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const sessions = () => stores.world.read(reader => reader.select<{ id: string }>({ id: 'id' }, 'from session'))
  const states = async () => (await stores.repository.read(reader => reader.select<{ state: string }>({ state: 'state' }, 'from run'))).map(({ state }) => state)
  return { manager, sessions, states, changes: stores.world.changes() }
}

const forever = (): WaitRequest => ({ principal, selector: { targets: ['vm2'], listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false }, for: 'running', orFail: false, timeoutMs: null })

describe('a wait of a served manager', () => {
  it('is ended when nobody waits for it any more, and only that one', async () => {
    const { manager, sessions, changes } = await farm()
    const [left, kept] = [forever(), forever()]
    const waits = [left, kept].map(request => manager.waitForVms(request))
    waits[1]!.catch(() => {})
    while ((await sessions()).length < 2) await changes.next(1_000)
    manager.abandon(left)
    await expect(waits[0]).rejects.toMatchObject({ code: 'manager.no-answer' })
    expect(await Promise.race([waits[1], Promise.resolve('waiting')])).toBe('waiting')
    // There is nothing of it any more.
    manager.abandon(left)
    expect(await Promise.race([waits[1], Promise.resolve('waiting')])).toBe('waiting')
  })

  it('is ended when the manager is stopped, which says so', async () => {
    const { manager, sessions, changes } = await farm()
    const wait = manager.waitForVms(forever())
    while ((await sessions()).length < 1) await changes.next(1_000)
    const [, refused] = await Promise.all([manager.close(), wait.catch((error: unknown) => error)])
    expect(refused).toMatchObject({ code: 'manager.busy' })
    expect(await sessions()).toEqual([])
  })
})

describe('the end of a served manager', () => {
  it('comes after that of every call, those too whose clients were told to ask again', async () => {
    const { manager, sessions, changes } = await farm()
    const ended: string[] = []
    const wait = manager.waitForVms(forever()).catch(() => { ended.push('wait') })
    while ((await sessions()).length < 1) await changes.next(1_000)
    // Just begun: they have not got as far as their stores yet.
    const calls = [manager.list({ principal, kind: 'vm', narrowing: noNarrowing, columns: null, sort: null, limit: null, cursor: null }).then(() => { ended.push('list') }), manager.waitForVms(forever()).catch(() => { ended.push('wait') })]
    await manager.close()
    expect(ended.sort()).toEqual(['list', 'wait', 'wait'])
    await Promise.all([wait, ...calls])
  })

  it('does not wait for a clock that goes by itself to get where somebody wants it', async () => {
    const { manager, sessions, changes } = await farm()
    const moved = manager.moveClock({ principal, advanceMs: 3_600_000, rate: null }).catch((error: unknown) => error)
    while ((await sessions()).length < 1) await changes.next(1_000)
    await manager.close()
    expect(await moved).toMatchObject({ code: 'manager.no-answer' })
    expect(await sessions()).toEqual([])
  })

  it('interrupts a run too that was being begun', async () => {
    const { manager, states } = await farm()
    const begun = manager.startRun(requestOf('admin', 'vm.start', 'vm2'))
    await manager.close()
    expect(await states()).toEqual(['interrupted'])
    await begun
  })
})
