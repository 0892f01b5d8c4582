import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session } from '../session.js'

type Data = Record<string, unknown>
const killer = fileURLToPath(new URL('../kill-at-commit.cjs', import.meta.url))

/** A copy of a farm, to be ruined. */
function copyOf(farm: Session): Session {
  const copy = new Session()
  cpSync(join(farm.home, 'ovm'), join(copy.home, 'ovm'), { recursive: true })
  return copy
}

/** Runs a command that is killed at one commit after the other, until it gets through. */
async function killedEverywhere(farm: Session, words: string, check: (cut: Session, boundary: string) => Promise<void>): Promise<number> {
  for (let at = 1; ; at++) {
    const boundary = `${at % 2 === 0 ? 'before' : 'after'}:${at}`
    const cut = copyOf(farm)
    const ended = cut.runWith({ env: { OVMCLI_TEST_KILL: boundary }, node: ['--require', killer] }, words)
    if (ended.exit === 0) return at
    expect(ended.exit, `${words} at ${boundary}: ${ended.stderr}`).toBeNull()
    await check(cut, boundary)
  }
}

describe('a command that is killed', () => {
  it('at any write boundary leaves a run that resume finishes, and nothing is done twice', async () => {
    const farm = new Session('figure-6')
    const boundaries = await killedEverywhere(farm, 'vm start vm1 vm2 vm3 --parallel 2', async (cut, boundary) => {
      const runs = await cut.records('run')
      if (runs.length > 0 && runs[0]!['state'] === 'interrupted') {
        const resumed = cut.run(`run resume ${String(runs[0]!['id'])} -o json`)
        expect(resumed.exit, `${boundary}: ${resumed.stdout}`).toBe(0)
        expect(JSON.parse(resumed.stdout), boundary).toMatchObject({ run: runs[0]!['id'], total: 3, done: 3 })
      } else if (runs.length === 0) cut.ok('vm start vm1 vm2 vm3')
      expect((await cut.records('event', 'kind=vm.start')).map(event => event['subject']).sort(), boundary).toEqual(['vm1', 'vm2', 'vm3'])
      const read = cut.json<Report>('vm reset-status --all')
      expect(read, boundary).toMatchObject({ total: 4, unchanged: 4 })
      expect(read.items.map(item => item.state), boundary).toEqual(['running', 'running', 'running', 'powered-off'])
      expect(await cut.records('run', 'state!=finished'), boundary).toEqual([])
    })
    expect(boundaries).toBeGreaterThan(10)
  })

  it('while it resumes can be resumed again', async () => {
    const farm = new Session('figure-6')
    farm.runWith({ env: { OVMCLI_TEST_KILL: 'after:4' }, node: ['--require', killer] }, 'vm start vm1 vm2 --parallel 1')
    const run = String(farm.json<Data[]>('run list')[0]!['id'])
    await killedEverywhere(farm, `run resume ${run}`, async (cut, boundary) => {
      expect(cut.json<Report>(`run resume ${run}`), boundary).toMatchObject({ total: 2, done: 2, notAttempted: 0, unknown: 0 })
      expect(await cut.records('event', 'kind=vm.start'), boundary).toHaveLength(2)
    })
  })

  it('leaves no lease: the same guest can be changed at once', () => {
    const farm = new Session('figure-6', '--running')
    farm.runWith({ env: { OVMCLI_TEST_KILL: 'after:4' }, node: ['--require', killer] }, 'vm reboot vm1')
    expect(farm.json<Report>('vm stop vm1')).toMatchObject({ done: 1 })
    expect(farm.json('vm show vm1')['state']).toBe('powered-off')
  })
})
