import { writeFileSync } from 'node:fs'
import { connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { expect, it } from 'vitest'
import { farmPath } from '../../src/wsapi/paths.js'
import { hostileTimes } from '../hostile-times.js'
import { knock } from '../knock.js'
import { basic, password, ServedFarm } from '../served-manager.js'

interface Line { command: string; exit: number; result: { run: string; items: { result: string }[] } | null; error: { code: string } | null }
interface Run { id: string; state: string; operation: string; user: string }

const rounds = hostileTimes

it(`SIGTERM under load lets calls end and leaves runs to others, whoever is slow, silent or guesses; exit 0 (${rounds} times)`, async () => {
  const farm = new ServedFarm('figure-8')
  farm.here('sim clock --rate 20')
  let manager = await farm.serve()
  const port = Number(new URL(farm.url).port)
  farm.logIn()
  farm.ok(`user create bob --role administrator -q --profile work --password-file ${farm.passwordFile}`)
  farm.ok(`profile add other -q --user bob --manager ${farm.url} --trust-on-first-use --password-file ${farm.passwordFile}`)
  for (let round = 0; round < rounds; round++) {
    const clients = ['group', 'disk'].map(kind => {
      const file = join(farm.home, `lines-${kind}-${round}`)
      writeFileSync(file, Array.from({ length: 500 }, (_, at) => `${kind} create ${kind}-${round}-${at} ${kind === 'disk' ? '--pool pool1 --size-mib 1 ' : ''}--profile work`).join('\n'))
      return farm.start('batch --stop-on-error', file)
    })
    const verb = round === 0 ? 'start' : 'reboot'
    const long = farm.start(`vm ${verb} vm1 vm2 vm3 vm4 vm5 vm6 --yes --parallel 1 -o json --profile work`)
    const following = farm.start('vm list --watch -o jsonl --profile work')
    // A request that does not come to its end, connections that say nothing, and passwords that wait to be looked at.
    const slow = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    slow.on('error', () => {}).resume()
    slow.write(`POST ${farmPath} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('admin', password).authorization}\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<e`)
    const silent = Array.from({ length: 50 }, () => connectPlain({ port, host: '127.0.0.1', localAddress: '127.0.7.1' }).on('error', () => {}).resume())
    const guesses = Array.from({ length: 60 }, (_, at) => knock(farm.url, { headers: basic(`name${at}`, 'not the pass phrase'), from: `127.0.7.${2 + (at % 20)}` }))
    await Promise.all([...clients.map(client => client.printed(/"exit":0/, 2)), long.underWay, manager.said(/"code":"auth.password"/)])
    const began = performance.now()
    manager.signal('SIGTERM')
    const { exit, stderr } = await manager.ended
    const tookMs = performance.now() - began
    expect(exit, stderr.slice(-2_000)).toBe(0)
    expect(stderr).toContain('"event":"stopped","drained":true')
    expect(stderr).not.toContain('"level":"error"')
    await Promise.all(guesses)
    for (const socket of [slow, ...silent]) socket.destroy()
    following.signal('SIGTERM')
    await following.ended

    const lines = (await Promise.all(clients.map(client => client.ended))).map(({ stdout }) => stdout.trimEnd().split('\n').map(text => JSON.parse(text) as Line))
    const cut = await long.ended
    manager = await farm.serveAgain()
    const kept = new Map((['group', 'disk'] as const).map(kind => [kind, new Set(farm.json<{ name: string }[]>(`${kind} list --profile other`).map(({ name }) => name))]))
    const runs = farm.json<Run[]>('run list --profile other')
    for (const said of lines) {
      // All but the last are answered, and there; the last was refused, not heard of, or cut.
      for (const { command, exit: code, error } of said) {
        const [, kind, name] = /^(group|disk) create (\S+)/.exec(command)!
        const there = kept.get(kind as 'group' | 'disk')!.has(name!)
        if (code === 0) expect(there, command).toBe(true)
        else if (['manager.busy', 'manager.unreachable'].includes(error!.code)) expect(there, command).toBe(false)
        else expect([code, error!.code], command).toEqual([7, expect.stringMatching(/^(manager\.no-answer|run\.interrupted)$/)])
      }
      expect(said.slice(0, -1).map(({ exit: code }) => code)).toEqual(Array.from({ length: said.length - 1 }, () => 0))
      expect(said.at(-1)!.exit).not.toBe(0)
    }
    // Its client heard that it was interrupted, or nothing.
    expect([6, 7], cut.stdout).toContain(cut.exit)
    const open = runs.filter(({ state }) => state !== 'finished')
    expect(open.map(({ operation, user }) => `${operation} ${user}`)).toContain(`vm.${verb} admin`)
    farm.ok('sim clock --rate 2000 -q --profile other')
    for (const { id } of open) expect(farm.run(`run resume ${id} -q -o json --profile other`), id).toMatchObject({ exit: 0 })
    expect(farm.json<Run[]>('run list --filter state!=finished --profile other')).toEqual([])
    farm.ok('sim clock --rate 20 -q --profile other')
    const states = farm.json<{ name: string; state: string }[]>('vm list --profile other').filter(({ name }) => /^vm[1-6]$/.test(name))
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['running']))
    if (hostileTimes > 1) console.log(`stopped in ${Math.round(tookMs)} ms; ${lines.map(said => said.length - 1).join(' and ')} answered; ${open.length} runs resumed`)
  }
})
