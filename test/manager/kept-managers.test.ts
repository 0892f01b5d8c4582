import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { KeptManagers } from '../../src/embedded/kept-managers.js'
import { openKeeper } from '../../src/embedded/keeper.js'

const home = mkdtempSync(join(tmpdir(), 'ovmcli-kept-'))
afterEach(() => rmSync(home, { recursive: true, force: true }))

it('managers stay open from one command to the next, until their farm is gone', async () => {
  const [principal, keeper, kept] = [{ user: 'admin' }, openKeeper(home), new KeptManagers()]
  for (const name of ['one', 'two']) await keeper.create(principal, { name, preset: 'figure-6', seed: 1, running: false, ha: false, replace: false, pools: null, servers: null, guests: null })
  const two = await kept.open({ home, farm: null })
  expect(await kept.open({ home, farm: 'two' })).toBe(two)
  await keeper.delete(principal, ['two'])
  // Whoever works on another farm meanwhile does not keep it either.
  expect(await (await kept.open({ home, farm: 'one' })).farmStatus({ principal })).toMatchObject({ farm: 'one' })
  await expect(two.farmStatus({ principal })).rejects.toThrow('not open')
  await expect(kept.open({ home, farm: 'two' })).rejects.toMatchObject({ code: 'farm.not-found' })
  await expect(kept.open({ home, farm: null })).rejects.toMatchObject({ code: 'farm.none', message: `none of the farms in ${home} is the current one`, hint: 'choose one with: ovmcli sim use one' })
  await kept.close()
})
