import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session } from '../session.js'
import { answers, expectRefusals } from './many-refusals.js'

type Data = Record<string, unknown>
const freeOn = (farm: Session, server: string) => farm.json<Data[]>(`server list --filter name=${server}`)[0]!['memoryFreeMiB'] as number

describe('vm update', () => {
  it('changes all that can be changed of a guest that is off, and writes nothing else', () => {
    const farm = new Session('figure-8', '--ha')
    const [done] = answers(farm, [
      'vm update vm1 --rename web --vcpus 4 --memory-mib 8GiB --ha-priority 50 --server ovs2 --cpu-priority 60 --cpu-cap 80 --type hvm --os win2003 --boot cdrom --owner alice --visibility public --keyboard de --description "front end" --tag tier=web --no-ha',
    ])
    expect(done!.result).toMatchObject({ operation: 'vm.update', done: 1, items: [{ name: 'vm1', state: 'powered-off' }] })
    const web = farm.json('vm show web')
    expect(web).toMatchObject({
      name: 'web', vcpus: 4, memoryMiB: 8_192, ha: false, haPriority: 50, preferredServers: ['ovs2'], cpuPriority: 60, cpuCap: 80, type: 'hvm', os: 'windows2003', bootDevice: 'cdrom', owner: 'alice', visibility: 'public', keyboard: 'de',
      description: 'front end', tags: { tier: 'web' }, diskMiB: 20_480, disks: [{ name: 'xvda', file: 'running_pool/web/System.img' }],
    })
    const [event] = farm.json<Data[]>('event list --filter kind=vm.update --columns subject,user,message,change')
    expect(event).toMatchObject({ subject: 'vm1', user: 'admin', change: { before: { name: 'vm1', vcpus: 2, preferredServers: [], tags: {} }, after: { name: 'web', vcpus: 4, preferredServers: ['ovs2'], tags: { tier: 'web' } } } })
    expect(Object.keys((event!['change'] as { before: Data }).before)).not.toContain('group')
    // Who is to have it, has it; and what is null again takes nothing with it.
    farm.ok('vm start web --user alice')
    expect(farm.json('vm show web')['server']).toBe('ovs2')
    const run = (answers(farm, ['vm stop web --yes', 'vm update web --cpu-priority default --cpu-cap none --description "" --no-preferred --untag tier']).at(-1)!.result as Report).run!
    expect(farm.json('vm show web')).toMatchObject({ cpuPriority: null, cpuCap: null, description: null, preferredServers: [], tags: {} })
    farm.ok(`run undo ${run} --yes`)
    expect(farm.json('vm show web')).toMatchObject({ cpuPriority: 60, cpuCap: 80, description: 'front end', preferredServers: ['ovs2'], tags: { tier: 'web' } })
  })

  it('finds what is so already unchanged, without a job; changes many by selecting; tries out', () => {
    const farm = new Session('figure-8')
    const dry = farm.json<Report>('vm update --pool pool1 --memory-mib 2GiB --dry-run')
    expect(dry).toMatchObject({ total: 6, wouldDo: 6, run: null })
    const report = farm.json<Report>('vm update --pool pool1 --memory-mib 2GiB --tag tier=web')
    expect(report).toMatchObject({ total: 6, done: 6 })
    expect(farm.json<Report>("vm update --filter tags.tier=web --memory-mib 2048 --tag tier=web")).toMatchObject({ total: 6, unchanged: 6, items: Array(6).fill(expect.objectContaining({ job: null })) })
    expect(farm.json<Report>('vm update --all --memory-mib 2GiB')).toMatchObject({ total: 10, done: 4, unchanged: 6 })
    const strict = farm.run('vm update vm1 --memory-mib 2GiB --strict -o json')
    expect(strict).toMatchObject({ exit: 5, stdout: expect.stringContaining('"vm.unchanged"') })
    expect(farm.json<Data[]>('vm list --filter memoryMiB=2GiB')).toHaveLength(10)
    farm.ok(`run undo ${report.run!} --yes`)
    expect(farm.json<Data[]>('vm list --filter memoryMiB=4GiB')).toMatchObject(Array(6).fill({ pool: 'pool1', tags: {} }))
  })

  it('refuses what cannot be, with all that is wrong, and changes nothing', () => {
    const farm = new Session('figure-8')
    const before = farm.ok('vm show vm1 vm7 -o json')
    expectRefusals(farm, [
      ['vm update vm1', 2, 'usage.argument', /--memory-mib 2GiB/],
      ['vm update vm1 --vcpus 33 --memory-mib 1 --keyboard klingon', 2, 'usage.argument', /^$/],
      ['vm update vm1 --os el55', 2, 'usage.argument', /did you mean el5/],
      ['vm update vm1 --rename -x', 2, 'usage.name', /letter or digit/],
      ['vm update vm1 vm2 --rename web', 2, 'usage.argument', /one by one/],
      ['vm update vm1 --server nowhere', 3, 'not-found.server', /server list/],
      ['vm update vm1 --owner nobody', 3, 'not-found.user', /user list/],
      ['vm update vm1 --group nobody', 3, 'not-found.group', /group list/],
      ['vm update vm1 --rename vm2', 5, 'vm.exists', /vm list --pool pool1/],
      ['vm update vm1 --ha', 5, 'pool.no-ha', /pool update pool1 --ha/],
      ['vm update vm1 --server ovs3', 5, 'vm.config', /server list --pool pool1/],
      ['vm update vm1 --os win2003', 5, 'vm.os-mode', /mode hvm/],
      ['vm update vm1 --boot pxe', 5, 'vm.config', /say hdd, or hvm/],
      ['vm update vm1 --visibility shared', 5, 'vm.config', /the group too/],
      ['vm update vm1 --owner operator --user alice', 3, 'not-found.vm', /vm list/],
      ['vm update vm7 --owner alice --visibility public', 0, null, /^$/],
      ['vm update vm7 --owner operator --user alice', 3, 'not-found.user', /user list/],
    ])
    expect(farm.ok('vm show vm1 -o json')).toBe(`${JSON.stringify((JSON.parse(before) as Data[])[0], null, 2)}\n`)
    const both = farm.run('vm update vm1 --ha --server ovs3 --boot cdrom -o json')
    const { error } = (JSON.parse(both.stdout) as Report).items[0]!
    expect(error!.code).toBe('vm.config')
    expect((error!.details as { faults: Data[] }).faults.map(fault => `${String(fault['field'])} ${String(fault['code'])}`).sort()).toEqual(['bootDevice vm.config', 'ha pool.no-ha', 'preferredServers vm.config'])
    for (const word of ['ha', 'ovs3', 'cdrom']) expect(error!.message).toContain(word)
  })

  it('of a guest that runs changes what model.md lets it, memory and virtual CPUs up to what it booted with, on its server too', () => {
    const farm = new Session('figure-8', '--running')
    const free = freeOn(farm, 'ovs3')
    expect(farm.json<Report>('vm update vm7 --memory-mib 1GiB --vcpus 1 --rename db')).toMatchObject({ done: 1, items: [{ state: 'running' }] })
    expect(freeOn(farm, 'ovs3')).toBe(free + 3_072)
    expect(farm.run('vm check db').stdout).toMatch(/db state +ok/)
    expectRefusals(farm, [
      ['vm update db --memory-mib 4097', 5, 'vm.state', /vm stop db/],
      ['vm update db --vcpus 3 --memory-mib 8GiB', 5, 'vm.state', /vm stop db/],
      ['vm update db --type hvm --description x --keyboard de', 5, 'vm.state', /vm stop db/],
      ['vm update db --os el4 --ha', 5, 'vm.config', /vm stop db/],
    ])
    expect(farm.json<Report>('vm update db --memory-mib 4GiB --vcpus 2')).toMatchObject({ done: 1 })
    expect(freeOn(farm, 'ovs3')).toBe(free)
    // After it booted anew it is what it is then; a guest that is paused is not changed at all.
    const told = answers(farm, ['vm update db --memory-mib 1GiB', 'vm reboot db', 'vm update db --memory-mib 2GiB', 'vm pause db', 'vm update db --tag a=b'])
    expect(told.map(({ exit, code }) => [exit, code])).toEqual([[0, null], [0, null], [5, 'vm.state'], [0, null], [5, 'vm.state']])
    expect(told.at(-1)!.hint).toContain('unpause')
    expect(farm.json<Data[]>('event list --filter kind=vm.update --columns message,change')).toMatchObject([{ message: 'guest vm7 updated: name vm7 → db, vcpus 2 → 1, memoryMiB 4096 → 1024', change: { before: { memoryMiB: 4_096 }, after: { memoryMiB: 1_024 } } }, {}, {}])
  })

  it('gives running guests no memory that their server has not, and says of which there was none', () => {
    const farm = new Session('figure-6')
    // 64,512 MiB in all: three of 20 GiB, shrunk, make room for a fourth, and cannot all grow again.
    const told = answers(farm, ['vm update --all --memory-mib 20GiB', 'vm start vm1 vm2 vm3', 'vm update vm1 vm2 vm3 --memory-mib 15GiB', 'vm update vm4 --memory-mib 15GiB', 'vm start vm4', 'vm update vm1 vm2 vm3 --memory-mib 20GiB'])
    expect(told.map(({ exit }) => exit)).toEqual([0, 0, 0, 0, 0, 6])
    const { items } = told.at(-1)!.result as Report
    expect(items.map(({ result, error }) => [result, error?.code ?? null])).toEqual([['failed', 'capacity.memory'], ['failed', 'capacity.memory'], ['failed', 'capacity.memory']])
    expect(freeOn(farm, 'ovs1')).toBe(64_512 - 4 * 15_360)
    expect(farm.json<Data[]>('vm list --columns memoryMiB')).toEqual(Array(4).fill({ memoryMiB: 15_360 }))
  })

  it('killed at any write leaves record and server of one mind, and can be taken up again', async () => {
    const farm = new Session('figure-6', '--running')
    for (let at = 1; ; at++) {
      const boundary = `${at % 2 === 0 ? 'before' : 'after'}:${at}` as const
      const cut = new Session('figure-6', '--running')
      const ended = cut.mishap(`kill ${boundary}`, 'vm update vm1 vm2 --memory-mib 1GiB --tag a=b')
      if (!ended.killed) {
        expect(ended.exit, `${boundary}: ${ended.stderr}`).toBe(0)
        expect(at).toBeGreaterThan(4)
        break
      }
      const check = cut.json<Data[]>('vm check vm1 vm2')
      expect(check.filter(row => row['result'] === 'error'), boundary).toEqual([])
      const [run] = await cut.records('run')
      if (run?.['state'] === 'interrupted') cut.ok(`run resume ${String(run['id'])}`)
      else cut.ok('vm update vm1 vm2 --memory-mib 1GiB --tag a=b')
      expect(await cut.records('vm', 'memoryMiB=1GiB', 'tags.a=b'), boundary).toHaveLength(2)
      expect(await cut.records('event', 'kind=vm.update'), boundary).toHaveLength(2)
      expect(freeOn(cut, 'ovs1'), boundary).toBe(64_512 - 2 * 4_096 - 2 * 1_024)
    }
    expect(freeOn(farm, 'ovs1')).toBe(64_512 - 4 * 4_096)
  })

  it('does not know how it ended when no answer comes; once the server answers again the record is right', () => {
    const farm = new Session('figure-6', '--running')
    farm.ok('sim fault reply-lost vm1')
    const ended = farm.run('vm update vm1 --memory-mib 1GiB -o json')
    expect(ended).toMatchObject({ exit: 7, stdout: expect.stringContaining('agent.no-answer') })
    farm.ok('sim fault clear')
    expect(farm.run('vm check vm1').stdout).toMatch(/state +ok/)
    expect(farm.json('vm show vm1')).toMatchObject({ memoryMiB: 1_024, state: 'running' })
    expect(farm.json<Report>(`run show ${(JSON.parse(ended.stdout) as Report).run!}`)).toMatchObject({ done: 1 })
  })

  it('keeps the password of a console from every list, event, report and record of a run', () => {
    const farm = new Session('figure-6')
    const file = join(farm.home, 'password')
    writeFileSync(file, 'hushhush\n', { mode: 0o600 })
    const said = [farm.run(`vm update vm1 --console-password-file ${file} --dry-run -v`), farm.run(`vm update vm1 --console-password-file ${file} -o json`), farm.run(`vm update vm1 --console-password-file ${file} -v`)]
    expect(said.map(({ exit }) => exit)).toEqual([0, 0, 0])
    expect(said[2]!.stderr + said[2]!.stdout).toContain('1 unchanged')
    const shown = ['vm show vm1', 'vm list', 'event list', 'run list', 'job list', `run show ${(JSON.parse(said[1]!.stdout) as Report).run!}`].map(words => farm.ok(`${words} -o json`))
    expect([...said.map(({ stdout, stderr }) => stdout + stderr), ...shown].join('')).not.toContain('hushhush')
    expectRefusals(farm, [[`run undo ${(JSON.parse(said[1]!.stdout) as Report).run!} --yes`, 5, 'undo.impossible', /--console-password-file/]])
    writeFileSync(file, 'far too long for it\n')
    const bad = farm.run(`vm update vm1 --console-password-file ${file}`)
    expect(bad).toMatchObject({ exit: 2, stderr: expect.stringContaining('--console-password-file') })
    expect(bad.stderr).not.toContain('far too long')
    expect(readFileSync(file, 'utf8')).toContain('far')
  })
})
