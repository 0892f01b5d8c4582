import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeFarm } from '../../src/embedded/make-farm.js'
import { managerOver, openStores } from '../../src/embedded/open.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { eventTable, tagTable, vmTable } from '../../src/manager/schema.js'
import { planOf } from '../../src/sim/presets.js'

let manager: EmbeddedManager
let folder: string
let guests: { name: string; pool: string }[]

/** A grid of 3 pools of 40 guests, where alice owns four guests, and three guests have tags. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ovmcli-suggest-'))
  const { repository, world } = openStores(folder, true)
  await makeFarm(repository, world, planOf('grid', { pools: 3, servers: 2, guests: 40 }), { name: 'test', seed: 1, running: false, ha: false })
  await repository.transact(async tx => {
    const rows = await tx.select<{ id: string; name: string }>({ id: 'id', name: 'name' }, 'from vm order by name')
    const idOf = (name: string) => rows.find(row => row.name === name)!.id
    await tx.update(vmTable, ['vm01-0005', 'vm02-0001', 'vm02-0040', 'vm03-0001'].map(name => ({ id: idOf(name), owner: 'alice' })))
    await tx.insert(tagTable, [['vm01-0001', 'tier', 'web'], ['vm01-0002', 'tier', 'db'], ['vm01-0005', 'tier', 'web'], ['vm01-0005', 'owner', 'a=b'], ['vm01-0001', 'Zone', 'x']].map(([name, key, value]) => ({ vm_id: idOf(name!), key: key!, value: value! })))
    await tx.insert(eventTable, Array.from({ length: 1_200 }, (_, at) => ({ seq: at + 100, at: 0, severity: 'info', kind: 'x', subject: null, user: 'admin', message: '' })))
    guests = (await tx.select<{ name: string; pool: string }>({ name: 'g.name', pool: 'p.name' }, 'from vm g join pool p on p.id = g.pool_id order by g.name'))
  })
  manager = managerOver('test', repository, world)
})
afterAll(async () => {
  await manager.close()
  rmSync(folder, { recursive: true, force: true })
})

const ask = (kind: string, prefix: string, limit = 1_000, user = 'admin') => manager.suggest({ principal: { user }, kind, prefix, limit })

/** What some texts have in common at their beginning. */
function common(texts: readonly string[]): string {
  let [text = ''] = texts
  for (const each of texts) while (!each.startsWith(text)) text = text.slice(0, -1)
  return text
}

describe('names that begin so', () => {
  it('are those of all that begin so, and where they are cut have no more in common than all of them', async () => {
    const prefix = fc.oneof(fc.constantFrom('', 'v', 'vm', 'vm0', 'vm02-', 'vm02-003', 'vm03-0040', 'vm9', 'VM', '%', '_', 'vm02-00\u{10ffff}'), fc.string({ maxLength: 3 }))
    await fc.assert(fc.asyncProperty(prefix, fc.integer({ min: 1, max: 200 }), async (begun, limit) => {
      fc.pre(!begun.includes('/'))
      const all = guests.map(guest => guest.name).filter(name => name.startsWith(begun))
      const names = await ask('vm', begun, limit)
      if (all.length === 0) return
      expect(names.length).toBe(Math.min(limit, all.length))
      expect(new Set(names).size).toBe(names.length)
      for (const name of names) expect(all).toContain(name)
      if (limit > 1) expect(common(names)).toBe(common(all))
    }), { numRuns: 300 })
  })

  it('are pool/name when the prefix has a slash, and pools to begin with where no name begins so', async () => {
    expect(await ask('vm', 'pool02/vm02-003')).toEqual(guests.filter(guest => guest.name.startsWith('vm02-003')).map(guest => `pool02/${guest.name}`))
    expect(await ask('vm', 'pool02/vm01')).toEqual([])
    expect(await ask('vm', 'poo')).toEqual(['pool01/', 'pool02/', 'pool03/'])
    expect(await ask('server', 'pool01/o')).toEqual(['pool01/ovs01-01', 'pool01/ovs01-02'])
    expect(await ask('pool', 'pool')).toEqual(['pool01', 'pool02', 'pool03'])
    expect(await ask('pool', 'pool01/')).toEqual([])
    expect(await ask('repo', '')).toHaveLength(3)
  })

  it('are those that the user may see', async () => {
    expect(await ask('vm', '', 1_000, 'alice')).toEqual(['vm01-0005', 'vm02-0001', 'vm02-0040', 'vm03-0001'])
    expect(await ask('vm', 'pool02/', 1_000, 'alice')).toEqual(['pool02/vm02-0001', 'pool02/vm02-0040'])
    expect(await ask('vm', 'vm', 2, 'alice')).toEqual(['vm01-0005', 'vm03-0001'])
    expect(await ask('tag', '', 1_000, 'alice')).toEqual(['owner', 'tier'])
    expect(await ask('tag', 'tier=', 1_000, 'alice')).toEqual(['tier=web'])
    expect(await ask('event', '', 1_000, 'alice')).toEqual([])
    await expect(ask('vm', '', 1_000, 'nobody')).rejects.toMatchObject({ fault: { code: 'auth.unknown-user' } })
  })

  it('are keys of tags, their values, and ids of the newest events', async () => {
    expect(await ask('tag', '')).toEqual(['Zone', 'owner', 'tier'])
    expect(await ask('tag', 't')).toEqual(['tier'])
    expect(await ask('tag', 'u')).toEqual([])
    expect(await ask('tag', 'tier=')).toEqual(['tier=db', 'tier=web'])
    expect(await ask('tag', 'tier=w')).toEqual(['tier=web'])
    expect(await ask('tag', 'owner=a=')).toEqual(['owner=a=b'])
    expect(await ask('tag', '', 2)).toEqual(['Zone', 'tier'])
    expect(await ask('tag', 'tier=', 1)).toEqual(['tier=web'])
    expect(await ask('event', 'event-12')).toHaveLength(100)
    expect(await ask('event', 'event-15')).toEqual([])
  })

  it('are asked for in the shape of the contract', async () => {
    await expect(ask('vm', '', 0)).rejects.toMatchObject({ fault: { code: 'usage.request' } })
    await expect(ask('nonsense', '')).rejects.toMatchObject({ fault: { code: 'usage.request' } })
  })
})
