import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { inverseOf } from '../../src/manager/inverses.js'
import { runOperations } from '../../src/model/operations.js'
import { Session } from '../session.js'

type Data = Record<string, unknown>

/** The guests as far as operations change them. */
const guests = (farm: Session) => farm.json<Data[]>('vm list').map(vm => [vm['name'], vm['state'], vm['server'], vm['repository']])
/** Gives a command, takes it back, and says how the guests were after each. */
function thereAndBack(farm: Session, words: string): { there: unknown[]; back: unknown[]; report: Report } {
  const { run } = farm.json<Report>(words)
  const there = guests(farm)
  const report = farm.json<Report>(`run undo ${run!} --yes`)
  return { there, back: guests(farm), report }
}

describe('run undo', () => {
  it('takes back what a run did: everything is as it was', () => {
    const farm = new Session('figure-7')
    for (const words of ['vm start vm1 vm2 vm3', 'vm clone vm6 --name c{1..3}', 'vm create n1 --pool pool1 --template ol5u5-pv']) {
      const before = guests(farm)
      const { there, back, report } = thereAndBack(farm, words)
      expect(there, words).not.toEqual(before)
      expect(back, words).toEqual(before)
      expect(report.done, words).toBe(report.total)
    }
    farm.ok('vm start vm1 vm2 vm3')
    for (const words of ['vm pause vm1 vm2', 'vm suspend vm1 vm3 --yes', 'vm stop vm1 vm2 --yes', 'vm migrate vm1 vm2 --to auto']) {
      const before = guests(farm)
      const { there, back } = thereAndBack(farm, words)
      expect(there, words).not.toEqual(before)
      expect(back, words).toEqual(before)
    }
  })

  it('is a run of its own, that can be taken back, and is told in the journal', () => {
    const farm = new Session('figure-6')
    const started = farm.json<Report>('vm start vm1 vm2')
    const undone = farm.json<Report>(`run undo ${started.run!} --yes --reason oops`)
    expect(undone).toMatchObject({ operation: 'vm.stop', total: 2, done: 2 })
    expect(farm.json<Data[]>(`run list --filter id=${undone.run!}`)).toMatchObject([{ operation: 'vm.stop', reason: 'oops' }])
    expect(farm.json<Report>(`run undo ${undone.run!} --yes`)).toMatchObject({ operation: 'vm.start', total: 2, done: 2 })
    expect(farm.json<Report>(`run undo ${started.run!} --yes --request-key k`)).toMatchObject({ done: 2 })
    expect(farm.json<Report>(`run undo ${started.run!} --yes --request-key k`), 'the same key').toMatchObject({ done: 2 })
    expect(farm.json<Report>(`run undo ${started.run!} --yes`), 'what is so already').toMatchObject({ unchanged: 2 })
  })

  it('takes back only what was really changed', () => {
    const farm = new Session('figure-6')
    farm.ok('vm start vm1')
    const { run } = farm.json<Report>('vm start vm1 vm2')
    expect(farm.json<Report>(`run undo ${run!} --yes`)).toMatchObject({ total: 1, items: [{ name: 'vm2' }] })
    expect(farm.json('vm show vm1')['state']).toBe('running')
    const nothing = farm.json<Report>('vm start vm1').run!
    expect(farm.run(`run undo ${nothing} --yes -o json`)).toMatchObject({ exit: 5, stdout: expect.stringContaining('undo.impossible') })
  })

  it('asks, says first what it cannot, and tries out', () => {
    const farm = new Session('figure-7', '--running')
    farm.ok('vm stop vm6')
    const { run } = farm.json<Report>('vm clone vm6 --name c{1..2}')
    farm.ok('vm delete c1 --yes')
    const unasked = farm.run(`run undo ${run!} -o json`)
    expect(unasked.exit).toBe(5)
    expect(JSON.parse(unasked.stdout)).toMatchObject({ error: { code: 'guard.confirm', details: { count: 1, names: ['c2'], cannot: [{ name: 'c1', code: 'undo.impossible' }] } } })
    const dry = farm.run(`run undo ${run!} --dry-run -o json`)
    expect(JSON.parse(dry.stdout)).toMatchObject({ operation: 'vm.delete', wouldDo: 1, wouldFail: 1 })
    const done = farm.run(`run undo ${run!} --yes -o json`)
    expect(done.exit).toBe(6)
    expect(done.stderr.indexOf('cannot take back c1')).toBe(0)
    expect(JSON.parse(done.stdout)).toMatchObject({ done: 1, failed: 1 })
    // A retry does not try again what nothing can take back.
    expect(farm.json<Report>(`run retry ${(JSON.parse(done.stdout) as Report).run!}`)).toMatchObject({ total: 0 })
  })

  it('says first what the state of guests does not allow, and what brings it about', () => {
    const farm = new Session('figure-6')
    const { run } = farm.json<Report>('vm create z --pool pool1 --disk-mib 64 --start')
    const unasked = farm.run(`run undo ${run!} -o json`)
    expect(JSON.parse(unasked.stdout)).toMatchObject({ error: { code: 'guard.confirm', exit: 5, details: { count: 0, names: [], cannot: [{ name: 'z', code: 'vm.state' }] } } })
    expect(unasked.stderr).toContain('cannot take back z: guest z is running')
    const asked = farm.run(`run undo ${run!} --yes -o json`)
    expect(asked.exit).toBe(5)
    expect((JSON.parse(asked.stdout) as Report).items[0]!.error).toMatchObject({ code: 'vm.state', hint: `vm stop z --force, then run undo ${run!}` })
    farm.ok('vm stop z --force')
    expect(farm.json<Report>(`run undo ${run!} --yes`)).toMatchObject({ operation: 'vm.delete', done: 1 })
  })

  it('of a maintenance says which guests stay where they were moved to, and what brings them back', () => {
    const farm = new Session('figure-7', '--running')
    const before = guests(farm)
    const { run } = farm.json<Report>('server maintenance on ovs2')
    const unasked = JSON.parse(farm.run(`run undo ${run!} -o json`).stdout) as { error: { message: string; details: { stays: string[] } } }
    const [stays] = unasked.error.details.stays
    expect(stays).toMatch(/^guests vm2, vm4, vm6 stay where they were moved to: run undo run-[0-9a-f]{8} brings them back$/)
    expect(unasked.error.message).toContain(stays)
    const undone = farm.run(`run undo ${run!} --yes -o json`)
    expect(undone.stderr.startsWith(stays!)).toBe(true)
    farm.ok(`${/run undo run-[0-9a-f]+/.exec(stays!)![0]} --yes`)
    expect(guests(farm)).toEqual(before)
  })

  it('makes the root again what was the root before', () => {
    const farm = new Session('figure-7')
    const roots = () => farm.json<Data[]>('repo list').filter(repo => repo['root']).map(repo => repo['device'])
    farm.ok('repo add --pool pool1 --device /dev/sdc1')
    const { run } = farm.json<Report>('repo root /dev/sdc1')
    expect(roots()).toEqual(['/dev/sdc1'])
    expect(farm.json<Report>(`run undo ${run!} --yes`)).toMatchObject({ operation: 'repo.root', done: 1, items: [{ kind: 'repo', name: '/dev/sdb1' }] })
    expect(roots()).toEqual(['/dev/sdb1'])
    expect(farm.json<Data[]>('event list --filter kind=repo.root').map(event => event['message'])).toEqual(['repository /dev/sdc1 made the root, in place of /dev/sdb1', 'repository /dev/sdb1 made the root, in place of /dev/sdc1'])
  })

  it('does not call irrevocable what changed nothing', () => {
    const farm = new Session('figure-6', '--running')
    const refused = JSON.parse(farm.run('vm delete vm1 --yes -o json').stdout) as Report
    expect(refused.failed).toBe(1)
    const undo = farm.run(`run undo ${refused.run!} --yes -o json`)
    expect(JSON.parse(undo.stdout)).toMatchObject({ error: { code: 'undo.impossible', exit: 5, message: `${refused.run!} changed nothing that could be taken back` } })
  })

  it('refuses what nothing takes back, saying what to do instead; and is for whoever may do the opposite', () => {
    const farm = new Session('figure-6', '--running')
    const { run } = farm.json<Report>('vm reboot vm1')
    expect(farm.run(`run undo ${run!} --yes -o json`)).toMatchObject({ exit: 5, stdout: expect.stringContaining('undo.impossible') })
    expect(farm.run('run undo run-nonesuch --yes').exit).toBe(3)
    expect(farm.run(`run undo ${run!} --yes --user alice`).exit, 'alice does not see it').toBe(3)
    expect(farm.run('run undo').exit).toBe(2)
  })

  it('knows of every operation what takes it back, or why nothing does', () => {
    for (const operation of runOperations) {
      const inverse = inverseOf(operation)
      expect('impossible' in inverse ? inverse.impossible.length > 0 : runOperations.includes(inverse.operation), operation).toBe(true)
    }
  })
})
