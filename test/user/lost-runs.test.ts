import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ServedFarm } from '../served-manager.js'
import { mischievous, type Mischief } from '../wsapi/mischief.js'

interface Failed { error: { code: string; message: string; hint: string; details: { run: string; why: string } } }

it('what was begun and cannot be followed is not known: exit 7 with the run, whichever answer is lost; a dry run began nothing', async () => {
  const farm = new ServedFarm('figure-8')
  await farm.serve()
  let lost: string | null = null
  const mischief = (call: string): Mischief => (call === lost ? 'answer-lost' : 'pass')
  const port = await mischievous({ port: Number(new URL(farm.url).port), ca: readFileSync(join(farm.home, 'ovm/farms/figure-8/service/cert.pem')) }, mischief)
  const added = await farm.start(`profile add far --manager https://127.0.0.1:${port} --trust-on-first-use --password-file ${farm.passwordFile}`).ended
  expect(added.exit).toBe(0)
  for (const [call, line, name] of [['followRun', 'vm start vm1 -o json', 'vm1'], ['runReport', 'vm start vm2 -o json', 'vm2']] as const) {
    lost = call
    const { exit, stdout } = await farm.start(`${line} --profile far`).ended
    const { error } = JSON.parse(stdout) as Failed
    expect({ call, exit, error }).toMatchObject({ call, exit: 7, error: { code: 'manager.no-answer', message: expect.stringContaining('1 target is not known') as unknown, hint: expect.stringContaining(`run show ${error.details.run}`) as unknown, details: { why: 'manager.unreachable' } } })
    lost = null
    const report = farm.here<{ done: number; items: { name: string }[] }>(`run show ${error.details.run}`)
    expect(report).toMatchObject({ done: 1, items: [{ name }] })
  }
  lost = 'runReport'
  const dry = await farm.start('vm stop vm1 --dry-run -o json --profile far').ended
  expect([dry.exit, (JSON.parse(dry.stdout) as Failed).error.code]).toEqual([8, 'manager.unreachable'])
})

it('a manager that is killed while a run is followed leaves its client with exit 7 and the run, which another resumes', async () => {
  const farm = new ServedFarm('grid', '--pools', '4', '--servers', '50', '--guests', '250')
  const manager = await farm.serve()
  farm.logIn('work')
  const client = farm.start('vm start --all --yes -o json --profile work --parallel 20')
  await client.underWay
  manager.signal('SIGKILL')
  const { exit, stdout } = await client.ended
  const { error } = JSON.parse(stdout) as Failed
  expect([exit, error.code]).toEqual([7, 'manager.no-answer'])
  await farm.serve()
  const resumed = farm.here<{ total: number; done: number; unchanged: number }>(`run resume ${error.details.run}`)
  expect([resumed.total, resumed.done + resumed.unchanged]).toEqual([1_000, 1_000])
})
