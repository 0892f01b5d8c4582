import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { FarmStores } from '../../src/embedded/faults.js'
import { makeFarm } from '../../src/embedded/make-farm.js'
import { openStores } from '../../src/embedded/open.js'
import { planOf } from '../../src/sim/presets.js'

/** Farms as they are made, by what was asked: making one takes longer than copying it, and a file of tests wants very many. */
const made = new Map<string, Promise<string>>()
const folders: string[] = []
afterAll(() => { for (const folder of folders) rmSync(folder, { recursive: true, force: true }) })

/** The stores of a farm of a preset, called `test`, of its own; and the folder that they are in. */
export async function madeFarm(preset: string, { running = false, ha = false }: { running?: boolean; ha?: boolean } = {}): Promise<{ stores: FarmStores; folder: string }> {
  const asked = JSON.stringify([preset, running, ha])
  if (!made.has(asked)) made.set(asked, make(preset, running, ha))
  const folder = newFolder()
  cpSync(await made.get(asked)!, folder, { recursive: true })
  return { stores: openStores(folder, false), folder }
}

async function make(preset: string, running: boolean, ha: boolean): Promise<string> {
  const folder = newFolder()
  const { repository, world } = openStores(folder, true)
  await makeFarm(repository, world, planOf(preset, { pools: null, servers: null, guests: null }), { name: 'test', seed: 1, running, ha })
  await repository.close()
  await world.close()
  return folder
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ovmcli-made-'))
  folders.push(folder)
  return folder
}
