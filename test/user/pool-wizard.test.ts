import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStores } from '../../src/embedded/open.js'
import { Session } from '../session.js'
import { hasTerminal, Terminal } from '../terminal.js'

/** One command of a session at a terminal of its own. */
const at = (session: Session, words: string) => new Terminal(session, words, { columns: 160 })

describe.runIf(hasTerminal)('pool create on a terminal', () => {
  it('asks for all that is missing, and says at once what is wrong with an answer', async () => {
    const farm = new Session('figure-8')
    const wizard = at(farm, 'pool create')
    await wizard.type('Name of the pool', 'pool1\r')
    await wizard.sees('there is a pool pool1 already')
    await wizard.type('Name of the pool', '\u0015po ol\r')
    await wizard.sees('cannot be the name of a pool')
    await wizard.type('Name of the pool', '\u0015prod\r')
    await wizard.type('name of the first server', 'ovs1\r')
    await wizard.sees('there is a server ovs1 already')
    await wizard.type('name of the first server', '\u0015ovs4\r')
    await wizard.type('Address of ovs4', '10.2.0.1\r')
    await wizard.sees('server ovs3 at 10.2.0.1 already')
    await wizard.type('Address of ovs4', '\u001510.4.0.1\r')
    await wizard.type('Another server', 'ovs5\r')
    await wizard.type('Address of ovs5', '10.4.0.2\r')
    await wizard.type('Another server', '\r')
    await wizard.type('High availability', 'y\r')
    await wizard.type('Virtual IP', '10.4.0.2\r')
    await wizard.sees('is the address of a server')
    await wizard.type('Virtual IP', '\u001510.4.0.250\r')
    expect(await wizard.ended).toBe(0)
    expect(await farm.records('pool', 'name=prod')).toMatchObject([{ name: 'prod', master: 'ovs4', ha: true, virtualIp: '10.4.0.250', storage: 'shared', serverCount: 2 }])
  })

  it('asks for the password of an agent that wants one, and for storage, of what was not said', async () => {
    const farm = new Session('figure-8')
    const file = join(farm.home, 'agent')
    writeFileSync(file, 'at-the-installation\n', { mode: 0o600 })
    farm.ok(`pool create edge --server ovs4 --address 10.4.0.1 --agent-password-file ${file}`)
    farm.ok('pool delete edge --yes')
    const wizard = at(farm, 'pool create edge')
    await wizard.type('name of the first server', 'ovs4\r')
    await wizard.type('Address of ovs4', '10.4.0.1\r')
    await wizard.type('Password of its agent', 'wrong\r')
    await wizard.sees('does not take that password')
    await wizard.type('Password of its agent', '\u0015at-the-installation\r')
    await wizard.type('Another server', '\r')
    await wizard.type('Where it keeps its guests', '\r')
    expect(await wizard.ended).toBe(0)
    expect(wizard.shown).not.toContain('at-the-installation')
    expect(await farm.records('pool', 'name=edge')).toMatchObject([{ master: 'ovs4', storage: 'local', ha: false }])
    expect(await farm.records('event', 'severity!=info')).toEqual([])
    // Off a terminal nobody is asked.
    expect(farm.run('pool create -o json')).toMatchObject({ exit: 2 })
    expect(farm.json<{ error: { code: string; hint: string } }>('pool create more').error).toMatchObject({ code: 'usage.argument', hint: '--server NAME --address ADDRESS says which' })
  })

  it('asks whether to take a server that another manager owns', async () => {
    const farm = new Session('figure-8')
    farm.ok('pool create old --server ovs4 --address 10.4.0.1')
    farm.ok('pool delete old --yes')
    const { repository, world } = openStores(join(farm.home, 'ovm', 'farms', 'figure-8'), false)
    await world.transact(tx => tx.run(`update host set owner = 'management-pack' where name = 'ovs4'`))
    await Promise.all([repository.close(), world.close()])
    const wizard = at(farm, 'pool create edge')
    await wizard.type('name of the first server', 'ovs4\r')
    await wizard.type('Address of ovs4', '10.4.0.1\r')
    await wizard.type('belongs to management-pack. Take it', 'n\r')
    await wizard.type('Address of ovs4', '\r')
    await wizard.type('belongs to management-pack. Take it', 'y\r')
    await wizard.type('Another server', '\r')
    await wizard.type('Where it keeps its guests', '\r')
    expect(await wizard.ended).toBe(0)
    expect((await farm.records('event', 'kind=pool.create')).at(-1)).toMatchObject({ message: 'pool edge created: local storage, master ovs4; ovs4 was taken from management-pack' })
  })
})
