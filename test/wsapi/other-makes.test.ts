import { execFile, spawnSync } from 'node:child_process'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import axios from 'axios'
import { createClientAsync } from 'soap'
import { expect, it } from 'vitest'
import { wireMethods } from '../../src/contract/wire/port.js'
import { openManager } from '../../src/embedded/open.js'
import { Session } from '../session.js'
import { oracle22 } from '../../src/wsapi/oracle/services.js'
import { servicePath } from '../../src/wsapi/service.js'
import { basic, serve, tls } from './served.js'
import { post } from './raw.js'

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

it.skipIf(!zeepIsThere)('python3-zeep finds the operations of Oracle VM 2.2 in its five services, and operates guests by them', async () => {
  const farm = new Session('figure-8')
  const manager = await openManager({ home: join(farm.home, 'ovm'), farm: null })
  const { port } = await serve(manager, { others: oracle22(manager, console.error) })
  const { stdout } = await promisify(execFile)(python, [here('oracle-client.py'), `https://127.0.0.1:${port}${servicePath}`, here('tls/cert.pem')])
  expect(JSON.parse(stdout)).toMatchObject({
    on: true, off: true, running: 'RUNNING', again: { code: 'vm.state' }, clone: { code: 'usage.name' }, names: expect.arrayContaining(['twin']) as unknown, roles: ['user', 'manager', 'administrator'],
    groups: [{ groupId: 'ops', groupName: 'ops', description: 'those who <operate>' }], members: [{ user_id: 'mia', group_id: 'ops' }], nobody: { code: 'not-found.server', message: 'no such server: nobody' },
  })
  await manager.close()
})

it('the soap package reads both WSDLs and calls by them', async () => {
  const farm = new Session('figure-8')
  const manager = await openManager({ home: join(farm.home, 'ovm'), farm: null })
  const { port, url } = await serve(manager, { others: oracle22(manager, console.error) })
  const agent = new Agent({ ca: tls.cert })
  const by = async (wsdl: string) => {
    const client = await createClientAsync(wsdl, { wsdl_headers: { authorization: basic('admin') }, request: axios.create({ httpsAgent: agent }) as never })
    client.addHttpHeader('authorization', basic('admin'))
    return client as unknown as Record<string, (args: object) => Promise<[Record<string, unknown>]>>
  }
  const service = await by(`${url}?wsdl`)
  const [page] = await service['listAsync']!({ kind: 'vm', narrowing: { pools: {}, servers: {}, states: {}, tags: {}, filters: {}, exclude: {} }, columns: { item: ['name'] }, sort: 'name', limit: 2, cursor: { attributes: { 'xsi:nil': 'true' } } })
  expect(page['result']).toMatchObject({ json: '[{"name":"vm1"},\n{"name":"vm2"}]', count: 2 })
  const vms = await by(`https://127.0.0.1:${port}${servicePath}VirtualMachineServiceSoapHttpPort?wsdl`)
  expect((await vms['powerOnAsync']!({ vmId: 'vm1' }))[0]['result']).toMatchObject({ done: true })
  expect((await vms['getVMByVMIdAsync']!({ vmId: 'vm1' }))[0]['result']).toMatchObject({ imgName: 'vm1', status: 'RUNNING' })
  agent.destroy()
  await manager.close()
})

it('the services of 2.2 refuse what is malformed, too deep, unknown or of another shape, with our codes and HTTP 500', async () => {
  const farm = new Session('figure-8')
  const manager = await openManager({ home: join(farm.home, 'ovm'), farm: null })
  const defects: unknown[] = []
  const { port } = await serve(manager, { others: oracle22(manager, error => { defects.push(error) }) })
  const call = (body: string, headers = {}) => post(port, `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${body}</e:Body></e:Envelope>`, headers, `${servicePath}VirtualMachineServiceSoapHttpPort`)
  const types = 'xmlns="http://oracle.ovs.api/types/"'
  expect(await call(`<powerOnElement ${types}><vmId>vm1</vmId></powerOnElement>`, { authorization: null })).toMatchObject({ status: 401 })
  for (const body of [
    `<powerOnElement ${types}/>`, `<powerOnElement ${types}><vmId>vm1</vmId><force>true</force></powerOnElement>`, `<powerOnElement ${types}><vmId><deep/></vmId></powerOnElement>`, `<fire ${types}/>`,
    `<powerOnElement ${types}>${'<a>'.repeat(50)}${'</a>'.repeat(50)}</powerOnElement>`, '<!DOCTYPE x [<!ENTITY y "z">]>', '<powerOnElement', '',
  ]) {
    const { status, code, body: text } = await call(body)
    expect({ body, status, code }).toEqual({ body, status: 500, code: 'usage.request' })
    expect(text).not.toMatch(/node_modules|at .*:\d+:\d+\)/)
  }
  expect(await call(`<powerOnElement ${types}><vmId>nobody</vmId></powerOnElement>`)).toMatchObject({ status: 500, code: 'not-found.vm' })
  expect(defects).toEqual([])
  await manager.close()
})
