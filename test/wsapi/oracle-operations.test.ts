import { Agent } from 'node:https'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import axios from 'axios'
import { createClientAsync } from 'soap'
import { expect, it } from 'vitest'
import { openManager } from '../../src/embedded/open.js'
import { oracleServices } from '../../src/wsapi/oracle/operations.js'
import { oracle22 } from '../../src/wsapi/oracle/services.js'
import { servicePath } from '../../src/wsapi/service.js'
import { Session } from '../session.js'
import { post } from './raw.js'
import { basic, serve, tls } from './served.js'

const made = { done: true }
const pool = { serverPoolName: 'pool1' }

/** What of figure-8 is used, by name: two servers of pool1, the second not its master. */
interface Names { server: string; other: string; template: string; iso: string }

/** Calls in their order: service and operation, parameters, and what the answer has to have. */
const callsOn = ({ server, other, template, iso }: Names): [string, object, unknown][] => [
  ['AdminService.createUser', { account: 'kit', email: { attributes: { 'xsi:nil': 'true' } }, password: 'a long pass phrase', roleId: 2 }, made],
  ['AdminService.createGroup', { name: 'night', desc: 'those who watch' }, made],
  ['AdminService.createUserGroup', { userId: 'kit', groupId: 'night' }, made],
  ['AdminService.createUserSite', { userId: 'kit', siteId: 'pool1' }, made],
  ['AdminService.findAllOVMUser', {}, { item: expect.arrayContaining([expect.objectContaining({ accountName: 'kit', accountStatus: 'ACTIVE' })]) as unknown }],
  ['AdminService.findAllOVMGroup', {}, { item: [expect.objectContaining({ groupId: 'night' })] }],
  ['AdminService.findAllOVMUserGroup', {}, { item: [expect.objectContaining({ user_id: 'kit', group_id: 'night' })] }],
  ['AdminService.findAllOVMRole', {}, { item: expect.arrayContaining([expect.objectContaining({ role_id: 1, role_name: 'user' })]) as unknown }],
  ['ServerPoolService.getAllServerPools', {}, { item: expect.arrayContaining([expect.objectContaining(pool)]) as unknown }],
  ['ServerPoolService.getServerPoolByName', pool, pool],
  ['ServerPoolService.getServerPoolById', { serverPoolId: 'pool1' }, pool],
  ['ServerPoolService.getAllMembers', pool, { item: expect.arrayContaining([expect.objectContaining({ serverPool: 'pool1', status: 'ACTIVE' })]) as unknown }],
  ['ServerPoolService.getMasterServer', pool, { serverPool: 'pool1' }],
  ['ServerPoolService.getVirtualServers', {}, { item: expect.anything() as unknown }],
  ['ServerPoolService.getServerByName', { serverName: server }, { serverName: server }],
  ['ServerPoolService.getVirtualServerById', { serverId: server }, { serverName: server }],
  ['ServerPoolService.getAgentVersion', { serverId: server }, expect.stringMatching(/^\d/)],
  ['ServerPoolService.getVirtualServerMetrics', { serverId: server }, { virtualServerName: server }],
  ['ServerPoolService.getServerPoolMetricsByServerPoolId', { serverPoolId: 'pool1' }, pool],
  ['ServerPoolService.getStorageRepositoriesByServerPoolId', { serverPoolId: 'pool1' }, { item: expect.arrayContaining([expect.objectContaining({ status: 'ACTIVE' })]) as unknown }],
  ['VirtualMachineService.getAllVMs', pool, { item: expect.arrayContaining([expect.objectContaining({ imgName: 'vm1', status: 'POWEREDOFF' })]) as unknown }],
  ['VirtualMachineService.getVMByVMId', { vmId: 'vm1' }, { imgName: 'vm1' }],
  ['VirtualMachineService.powerOn', { vmId: 'vm1' }, made],
  ['VirtualMachineService.pause', { vmId: 'vm1' }, made],
  ['VirtualMachineService.unpause', { vmId: 'vm1' }, made],
  ['VirtualMachineService.suspend', { vmId: 'vm1' }, made],
  ['VirtualMachineService.resume', { vmId: 'vm1' }, made],
  ['VirtualMachineService.reboot', { vmId: 'vm1' }, made],
  ['VirtualMachineService.resetStatus', { vmId: 'vm1' }, made],
  ['VirtualMachineService.liveMigrate', { vmId: 'vm1', serverName: { attributes: { 'xsi:nil': 'true' } } }, made],
  ['VirtualMachineService.powerOff', { vmId: 'vm1' }, made],
  ['LifecycleService.clone', { vmId: 'vm1', imgName: 'twin', tgtServerPool: { attributes: { 'xsi:nil': 'true' } } }, made],
  ['LifecycleService.createVmBasedOnTemplate', { vmName: 'by-template', ...pool, cpuNumber: 2, memory: 512, templateName: template }, made],
  ['LifecycleService.createVmBasedOnISO', { vmName: 'by-iso', ...pool, cpuNumber: 1, memory: 256, iso }, made],
  ['LifecycleService.createVmBasedOnPXE', { vmName: 'by-pxe', ...pool, cpuNumber: 1, memory: 256 }, made],
  ['LifecycleService.addNIC', { vmId: 'twin', bridge: 'xenbr0' }, made],
  ['LifecycleService.addDisk', { vmId: 'twin', sizeMiB: 1024 }, made],
  ['LifecycleService.attachCDtoVM', { vmId: 'by-iso', iso }, made],
  ['LifecycleService.detachCD', { vmId: 'by-iso' }, made],
  ['LifecycleService.configVMGroup', { imgId: 'twin', groupId: 'night' }, made],
  ['VirtualMachineService.saveAsTemplate', { vmId: 'twin', templateName: 'twins' }, made],
  ['VirtualMachineService.deleteVMByVMId', { vmId: 'by-pxe' }, made],
  ['ResourceService.getAllTemplateResources', pool, { item: expect.arrayContaining([expect.objectContaining({ name: 'twins' })]) as unknown }],
  ['ResourceService.getAllImageResources', pool, null],
  ['ResourceService.getAllISOResources', pool, { item: expect.arrayContaining([expect.objectContaining({ name: iso })]) as unknown }],
  ['ResourceService.getAllSharedVirtualDisks', pool, { item: [expect.objectContaining({ name: 'data' })] }],
  ['ResourceService.deleteSharedVirtualDisk', { id: 'data' }, made],
  ['ServerPoolService.blackoutServer', { serverId: other }, made],
  ['ServerPoolService.endBlackoutServer', { serverId: other }, made],
  ['ServerPoolService.rebootServer', { serverId: other }, made],
  ['ServerPoolService.shutdownServer', { serverId: other }, made],
]

it('every operation of the five services of 2.2 can be called, and does what it says', async () => {
  const farm = new Session('figure-8')
  const first = (words: string) => farm.json<{ name: string }[]>(words)[0]!.name
  const servers = farm.json<{ name: string; roles: string[] }[]>('server list --pool pool1')
  farm.ok('disk create data --pool pool1 --size-mib 1024 -q')
  const calls = callsOn({ server: servers[0]!.name, other: servers.find(one => !one.roles.includes('master'))!.name, template: first('template list --pool pool1'), iso: first('iso list --pool pool1') })
  expect(calls.map(([name]) => name).sort()).toEqual(Object.entries(oracleServices).flatMap(([service, operations]) => Object.keys(operations).map(name => `${service}.${name}`)).sort())
  const manager = await openManager({ home: join(farm.home, 'ovm'), farm: null })
  const { port } = await serve(manager, { others: oracle22(manager, error => { throw error }) })
  const agent = new Agent({ ca: tls.cert })
  const clients = new Map<string, Record<string, (args: object) => Promise<[{ result?: unknown } | null]>>>()
  for (const service of Object.keys(oracleServices)) {
    const client = await createClientAsync(`https://127.0.0.1:${port}${servicePath}${service}SoapHttpPort?wsdl`, { wsdl_headers: { authorization: basic('admin') }, request: axios.create({ httpsAgent: agent }) as never })
    client.addHttpHeader('authorization', basic('admin'))
    clients.set(service, client as never)
  }
  for (const [name, parameters, wanted] of calls) {
    const [service, operation] = name.split('.') as [string, string]
    const [answer] = await clients.get(service)![`${operation}Async`]!(parameters).catch((error: Error) => { throw new Error(`${name}: ${error.message}`) })
    const isPattern = wanted === null || 'asymmetricMatch' in (wanted as object)
    expect({ name, result: answer?.result ?? null }).toEqual({ name, result: isPattern ? wanted : (expect.objectContaining(wanted as object) as unknown) })
  }
  agent.destroy()
  await manager.close()
})

it.skipIf(spawnSync('xmllint', ['--version']).error)('faults of the services of 2.2 have the shape of their schema, by xmllint', async () => {
  const farm = new Session('figure-6')
  const manager = await openManager({ home: join(farm.home, 'ovm'), farm: null })
  const { port } = await serve(manager, { others: oracle22(manager, error => { throw error }) })
  const path = `${servicePath}VirtualMachineServiceSoapHttpPort`
  const wsdl = (await post(port, '', {}, `${path}?wsdl`, 'GET')).body
  writeFileSync(join(farm.home, 'types.xsd'), /<xsd:schema[\s\S]*<\/xsd:schema>/.exec(wsdl)![0])
  const types = 'xmlns="http://oracle.ovs.api/types/"'
  for (const [at, call] of [`<powerOnElement ${types}><vmId>nobody &amp; _x0041_</vmId></powerOnElement>`, `<powerOnElement ${types}/>`, `<fire ${types}/>`, '<'].entries()) {
    const { status, body } = await post(port, `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${call}</e:Body></e:Envelope>`, {}, path)
    const file = join(farm.home, `fault-${at}.xml`)
    writeFileSync(file, /<detail>([\s\S]*)<\/detail>/.exec(body)![1]!)
    expect({ call, status, by: spawnSync('xmllint', ['--noout', '--schema', join(farm.home, 'types.xsd'), file], { encoding: 'utf8' }).stderr.trim() }).toEqual({ call, status: 500, by: `${file} validates` })
  }
  await manager.close()
})
