import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { openSqlite } from '../../src/store/sqlite.js'

const prepared: string[] = vi.hoisted(() => [])
vi.mock('@photostructure/sqlite', async importOriginal => {
  const original = await importOriginal<typeof import('@photostructure/sqlite')>()
  return { ...original, DatabaseSync: class extends original.DatabaseSync {
    override prepare(sql: string) {
      prepared.push(sql)
      return super.prepare(sql)
    }
  } }
})

it('a store prepares a statement once, and keeps no more than so many of those that were asked long ago', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ovmcli-store-'))
  const store = openSqlite(join(folder, 'a.db'), { tables: [], version: 1, create: true })
  const ask = (number: number) => store.read(reader => reader.select<{ n: number }>({ n: `${number}` }, ''))
  const preparedFor = async (number: number) => {
    prepared.length = 0
    expect(await ask(number)).toEqual([{ n: number }])
    return prepared.length
  }
  expect([await preparedFor(0), await preparedFor(0)]).toEqual([1, 0])
  for (let number = 1; number <= 500; number++) await ask(number)
  expect([await preparedFor(500), await preparedFor(0), await preparedFor(0)]).toEqual([0, 1, 0])
  await store.close()
  rmSync(folder, { recursive: true })
})
