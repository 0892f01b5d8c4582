import { describe, expect, it } from 'vitest'
import { join } from 'node:path'
import { openStores } from '../../src/embedded/open.js'
import { Session } from '../session.js'
import { answers } from './many-refusals.js'

interface Check { check: string; result: string; message: string; hint: string | null }

/** Changes the world and the records of a farm behind everybody's back. */
async function behind(farm: Session, work: (of: { world: (sql: string) => Promise<unknown>; records: (sql: string) => Promise<unknown> }) => Promise<void>): Promise<void> {
  const stores = openStores(join(farm.home, 'ovm', 'farms', 'figure-8'), false)
  try {
    await work({ world: sql => stores.world.transact(tx => tx.run(sql)), records: sql => stores.repository.transact(tx => tx.run(sql)) })
  } finally {
    await stores.repository.close()
    await stores.world.close()
  }
}

describe('vm check', () => {
  it('finds nothing on a farm that is well, tells of each what was looked at, and is for those who see the guest', () => {
    const farm = new Session('figure-8', '--ha')
    expect(answers(farm, ['vm start vm1 vm7', 'vm update vm2 --server ovs2 --type hvm', 'vm cdrom insert vm2 --iso ol5u5.iso']).map(({ exit }) => exit)).toEqual([0, 0, 0])
    const all = farm.json<Check[]>('vm check')
    expect(all.filter(({ result }) => result !== 'ok')).toEqual([])
    expect(all.filter(({ check }) => check.startsWith('guest pool1/vm2 ')).map(({ check }) => check.split(' ')[2])).toEqual(['state', 'files', 'settings', 'owner', 'addresses', 'servers', 'ha', 'room'])
    expect(farm.run('vm check nowhere').exit).toBe(3)
    expect(farm.run('vm check vm1 --user alice').exit).toBe(3)
    expect(farm.json<Check[]>('vm check --user alice')).toEqual([])
  })

  it('finds each thing that is wrong, says what to do, and ends with 8', async () => {
    const farm = new Session('figure-8')
    expect(answers(farm, ['vm start vm1 vm2', 'vm update vm8 --type hvm', 'vm update vm3 --memory-mib 64GiB', 'vm disk add vm9 --size-mib 1GiB']).map(({ exit }) => exit)).toEqual([0, 0, 0, 0])
    await behind(farm, async ({ world, records }) => {
      const idOf = (name: string) => `(select id from vm where name = '${name}')`
      await records(`update vm set state = 'powered-off', server_id = null where name = 'vm1'`)
      await records(`update vm set memory_mib = 2048 where name = 'vm2'`)
      await records(`update vm set preferred = json_array((select id from server where name = 'ovs3')), ha = 1 where name = 'vm4'`)
      await records(`update vm set os = 'windows2003', owner = 'gone' where name = 'vm5'`)
      await records(`update vm_detail set details = json_set(details, '$.nics[0].mac', '00:16:3e:00:00:01') where vm_id in (${idOf('vm6')}, ${idOf('vm7')})`)
      await records(`update vm_detail set details = json_set(details, '$.cdrom', 'lost.iso') where vm_id = ${idOf('vm8')}`)
      await records(`update vm set disk_mib = disk_mib + 1 where name = 'vm9'`)
      await world('delete from file where size_mib = 20480 and id = (select max(id) from file where size_mib = 20480)')
    })
    const ended = farm.run('vm check -o json')
    expect(ended.exit).toBe(8)
    const wrong = (JSON.parse(ended.stdout) as Check[]).filter(({ result }) => result !== 'ok')
    const found = (guest: string, what: string) => wrong.find(({ check }) => check.endsWith(`/${guest} ${what}`))
    expect(found('vm1', 'state')).toMatchObject({ result: 'error', message: expect.stringMatching(/powered-off.*running/), hint: expect.stringContaining('vm reset-status vm1') })
    expect(found('vm2', 'state')).toMatchObject({ result: 'error', message: expect.stringContaining('4096'), hint: expect.stringContaining('vm2') })
    expect(found('vm3', 'room')).toMatchObject({ result: 'warning', message: expect.stringContaining('65536') })
    expect(found('vm4', 'servers')).toMatchObject({ result: 'error', message: expect.stringContaining('ovs3') })
    expect(found('vm4', 'ha')).toMatchObject({ result: 'error', hint: 'pool update pool1 --ha' })
    expect(found('vm5', 'settings')).toMatchObject({ result: 'error', message: expect.stringContaining('Windows') })
    expect(found('vm5', 'owner')).toMatchObject({ result: 'error', hint: expect.stringContaining('--owner') })
    expect(found('vm6', 'addresses')).toMatchObject({ result: 'error', message: expect.stringContaining('vm7') })
    expect(found('vm8', 'settings')).toMatchObject({ result: 'error', message: expect.stringContaining('lost.iso'), hint: 'vm cdrom eject vm8' })
    expect(found('vm9', 'files')).toMatchObject({ result: 'error', message: expect.stringContaining('recorded') })
    expect(wrong.filter(({ check, message }) => check.endsWith('files') && message.includes('not there')).length + wrong.filter(({ message }) => message.includes('no server of its pool knows it')).length).toBe(1)
    expect(wrong.filter(({ hint }) => hint === null)).toEqual([])
    expect(farm.ok('vm check vm10 -o json')).toContain('"ok"')
  })
})
