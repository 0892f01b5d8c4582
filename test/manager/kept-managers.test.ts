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
  const one = await kept.open({ home, farm: 'one' })
  expect(await kept.open({ home, farm: 'one' })).toBe(one)
  await keeper.delete(principal, ['one'])
  // Whoever works on another farm meanwhile does not keep it either.
  expect(await (await kept.open({ home, farm: 'two' })).farmStatus({ principal })).toMatchObject({ farm: 'two' })
  await expect(one.farmStatus({ principal })).rejects.toThrow('not open')
  await expect(kept.open({ home, farm: 'one' })).rejects.toMatchObject({ code: 'farm.not-found' })
  await kept.close()
})
