import { rmSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { Refusal } from '../../src/model/errors.js'
import { Health } from '../../src/serve/health.js'
import type { Store } from '../../src/store/store.js'
import { madeFarm } from '../manager/made-farm.js'

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => { for (const end of ends.splice(0)) await end() })

it('is well, until something cannot be recorded, and again once it can; not while its database is gone', async () => {
  const { stores: { repository, world }, folder } = await madeFarm('figure-6')
  ends.push(async () => { await repository.close(); await world.close(); rmSync(folder, { recursive: true, force: true }) })
  let isFull = false
  const disk = new Proxy(repository, {
    get: (store, name) => {
      if (name === 'transact' && isFull) return () => Promise.reject(new Refusal('store.full', 'manager.db: no room is left'))
      const value = store[name as keyof Store]
      return value.bind(store)
    },
  })
  const health = new Health(disk)
  const record = () => health.watched().transact(tx => tx.run(`update meta set value = value where key = 'ids'`))
  await record()
  expect(await health.now()).toEqual({ status: 'ok' })
  isFull = true
  await expect(record()).rejects.toThrow('no room')
  expect(await health.now()).toEqual({ status: 'failing', code: 'store.full', message: 'manager.db: no room is left' })
  isFull = false
  expect(await health.now()).toEqual({ status: 'ok' })
  rmSync(folder, { recursive: true })
  expect(await health.now()).toMatchObject({ status: 'failing', code: 'store.corrupt' })
})
