import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session } from '../session.js'

type Data = Record<string, unknown>

/** Runs a command that is killed at one commit after the other, until it gets through. */
async function killedEverywhere(farm: Session, words: string, check: (cut: Session, boundary: string) => Promise<void>): Promise<number> {
  for (let at = 1; ; at++) {
    const boundary = `${at % 2 === 0 ? 'before' : 'after'}:${at}` as const
    const cut = farm.copy()
    const ended = cut.mishap(`kill ${boundary}`, words)
    if (!ended.killed) {
      expect(ended.exit, `${words} at ${boundary}: ${ended.stderr}`).toBe(0)
      return at
    }
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
    farm.mishap('kill after:4', 'vm start vm1 vm2 --parallel 1')
    const run = String(farm.json<Data[]>('run list')[0]!['id'])
    await killedEverywhere(farm, `run resume ${run}`, async (cut, boundary) => {
      expect(cut.json<Report>(`run resume ${run}`), boundary).toMatchObject({ total: 2, done: 2, notAttempted: 0, unknown: 0 })
      expect(await cut.records('event', 'kind=vm.start'), boundary).toHaveLength(2)
    })
  })

  it('while a pool is made, or loses a server, leaves it whole or not at all, and resume finishes it', async () => {
    const farm = new Session('figure-6')
    const made = 'pool create prod --server ovs5=10.4.0.1 --server ovs6=10.4.0.2 --ha --virtual-ip 10.4.0.250'
    await killedEverywhere(farm, made, async (cut, boundary) => {
      const there = await cut.records('pool', 'name=prod')
      expect(await cut.records('server', 'pool=prod'), boundary).toHaveLength(there.length * 2)
      expect(await cut.records('repo', 'pool=prod'), boundary).toHaveLength(there.length)
      const [run] = await cut.records('run', 'state=interrupted')
      if (run) cut.ok(`run resume ${String(run['id'])}`)
      else if (there.length === 0) cut.ok(made)
      expect(await cut.records('pool', 'name=prod'), boundary).toMatchObject([{ master: 'ovs5', serverCount: 2, ha: true, state: 'active' }])
    })
    farm.ok(made)
    await killedEverywhere(farm, 'pool remove-server prod ovs6 --yes', async (cut, boundary) => {
      const [run] = await cut.records('run', 'state=interrupted')
      if (run) cut.ok(`run resume ${String(run['id'])}`)
      else if ((await cut.records('server', 'name=ovs6')).length > 0) cut.ok('server remove ovs6 --yes')
      // Whether it was told that it is free or not, it can be had again.
      cut.ok('pool add-server prod ovs6 --address 10.4.0.2')
      expect(await cut.records('server', 'pool=prod'), boundary).toHaveLength(2)
    })
  })

  it('leaves no lease: the same guest can be changed at once', () => {
    const farm = new Session('figure-6', '--running')
    farm.mishap('kill after:4', 'vm reboot vm1')
    expect(farm.json<Report>('vm stop vm1')).toMatchObject({ done: 1 })
    expect(farm.json('vm show vm1')['state']).toBe('powered-off')
  })
})
