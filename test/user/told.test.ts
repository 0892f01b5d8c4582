import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runHere, wordsOf } from '../in-process.js'
import { Session } from '../session.js'

type Data = Record<string, unknown>

/** A farm whose commands run in this process. */
class Farm {
  private readonly home: string

  constructor(...flags: string[]) {
    this.home = join(new Session('figure-8', ...flags).home, 'ovm')
  }

  run(line: string) {
    return runHere(this.home, wordsOf(line))
  }

  async json<T = Data>(line: string): Promise<T> {
    const ended = await this.run(`${line} -o json`)
    expect(ended.exit, `${line}: ${ended.stderr}`).toBe(0)
    return JSON.parse(ended.stdout) as T
  }

  /** What people read of a refusal: its message, hint and code. */
  async refused(line: string): Promise<string> {
    return (await this.run(line)).stderr
  }
}

describe('what a user is told', () => {
  it('names no guest that he may not see, wherever it stands in the way', async () => {
    const farm = new Farm('--running')
    const [nic] = (await farm.json<{ nics: { mac: string }[] }>('vm show vm5')).nics
    await farm.json('vm create mine --pool pool1 --disk-mib 10 --user alice')
    for (const line of [`vm create other --pool pool1 --disk-mib 10 --nic bridge=xenbr0,mac=${nic!.mac}`, `vm nic add mine --bridge xenbr0 --mac ${nic!.mac}`]) {
      const [hers, his] = [await farm.refused(`${line} --user alice`), await farm.refused(line)]
      expect(hers, line).toContain(`${nic!.mac} is the address of another guest`)
      expect(hers, line).not.toContain('vm5')
      expect(his, line).toContain(`${nic!.mac} is the address of guest vm5`)
    }
    const room = async (as: string) => (await farm.json<Data[]>(`pool check pool1${as}`)).find(check => check['check'] === 'pool1 spare room')!['message']
    expect(await room('')).toContain('for the largest guest that runs, vm1 (4 GiB')
    expect(await room(' --user alice')).toContain('for the largest guest that runs (4 GiB')
    await farm.json('vm update vm5 --visibility public')
    expect(await farm.refused(`vm nic add mine --bridge xenbr0 --mac ${nic!.mac} --user alice`)).toContain('is the address of guest vm5')
  })

  it('is what he asked for, and who can help him', async () => {
    const farm = new Farm()
    expect(await farm.refused('agent log ovs1 --user alice')).toMatch(/alice \(user\) may not use agent log\nHint: ask a manager or an administrator\n/)
    expect(await farm.refused('user lock alice --user operator')).toMatch(/operator \(manager\) may not use user lock\nHint: ask an administrator\n/)
    await farm.json('user revoke operator pool2')
    expect(await farm.refused('server maintenance on ovs3 --user operator')).toContain('Hint: ask an administrator to grant the pool\n')
  })

  it('of a change is what was so before, and what is so now', async () => {
    const farm = new Farm()
    await farm.json('group create web')
    const told: Record<string, string> = {
      'vm update vm1 --tag tier=db --untag nonesuch --group web --visibility shared': 'guest vm1 updated: group none → web, visibility private → shared, tags none → tier=db',
      'vm nic update vm1 eth0 --bridge xenbr1': 'network card eth0 of guest vm1: bridge xenbr0 → xenbr1',
      'vm disk add vm1 --size-mib 5GiB': 'guest vm1 given a disk: xvdb, 5 GiB',
      'vm disk add vm1 --device /dev/mapper/lun7': 'guest vm1 given a disk: xvdc, /dev/mapper/lun7',
      'vm disk remove vm1 xvdb': 'guest vm1 relieved of a disk: xvdb, 5 GiB',
      'group update web --description site': 'group web updated: description none → site',
      'server update ovs2 --rename ovs9': 'server ovs2 updated: name ovs2 → ovs9',
      'repo add --pool pool1 --device /dev/sdc1': 'repository /dev/sdc1 added',
      'vm move vm1 --repo /dev/sdc1': 'guest vm1 moved from /dev/sdb1 to /dev/sdc1',
    }
    for (const [line, message] of Object.entries(told)) {
      const { run } = await farm.json<{ run: string }>(line)
      expect((await farm.json<Data[]>(`event list --filter run=${run}`)).map(event => event['message']), line).toEqual([message])
    }
    expect(await farm.json<Data[]>('event list --filter kind=vm.move --columns change')).toEqual([{ change: { before: { repository: '/dev/sdb1' }, after: { repository: '/dev/sdc1' } } }])
  })
})
