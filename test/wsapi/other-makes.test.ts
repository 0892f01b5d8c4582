import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { wireMethods } from '../../src/contract/wire/port.js'
import { openManager } from '../../src/embedded/open.js'
import { Session } from '../session.js'
import { serve } from './served.js'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
/** Debian's Python, whose packages these are. */
const python = '/usr/bin/python3'
/** Whether Debian's package python3-zeep is there: .ci/run installs it. */
const zeepIsThere = spawnSync(python, ['-c', 'import zeep']).status === 0

it.skipIf(!zeepIsThere)('python3-zeep reads the WSDL of FarmService, operates guests by it, and is told why not', async () => {
  const farm = new Session('figure-8')
  const manager = await openManager({ home: join(farm.home, 'ovm'), farm: null })
  const { url } = await serve(manager)
  const { stdout } = await promisify(execFile)(python, [here('farm-client.py'), `${url}?WSDL`, here('tls/cert.pem'), 'zeep-1'])
  const told = JSON.parse(stdout) as Record<string, unknown>
  expect(told).toMatchObject({
    operations: [...wireMethods].sort(), user: 'admin', report: { done: 2, names: ['vm1', 'vm2'] }, again: true,
    refused: { code: 'not-found.vm', message: 'no such guest: nobody', faultcode: expect.stringMatching(/:Client$/) as unknown },
  })
  expect((told['before'] as unknown[]).length).toBe(told['status'] && (told['status'] as Record<string, number>)['total'])
  expect(told['after']).toEqual([{ name: 'vm1', state: 'running' }, { name: 'vm2', state: 'running' }])
  const [run] = JSON.parse((await manager.list({ principal: { user: 'admin' }, kind: 'run', narrowing: { pools: [], servers: [], states: [], tags: [], filters: [], exclude: [] }, columns: ['reason'], sort: null, limit: null, cursor: null })).json) as { reason: string }[]
  expect(run!.reason).toBe('a client of another make & its <markup>')
  await manager.close()
})
