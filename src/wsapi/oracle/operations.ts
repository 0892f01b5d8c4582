import * as v from 'valibot'
import type { RecordData, RecordKind } from '../../contract/fields.js'
import { Refusal } from '../../model/errors.js'
import { guestSpec } from '../../model/guest-spec.js'
import type { RunOperation } from '../../model/operations.js'
import { roles } from '../../model/permissions.js'
import type { Farm } from './farm.js'
import { begunShape, groupShape, resourceShape, roleShape, serverPoolMetricsShape, serverPoolShape, sharedDiskShape, storageRepositoryShape, userGroupShape, userShape, virtualMachineShape, virtualServerMetricsShape, virtualServerShape } from './types.js'

/** An operation of a service of 2.2: its parameters, what it answers, and what it asks of the farm. `attested`: its name is Oracle's; else ours, in its manner. */
export interface OracleOperation { attested: boolean; meaning: string; parameters: v.StrictObjectSchema<v.ObjectEntries, undefined>; answer: v.GenericSchema; work(farm: Farm, given: Record<string, unknown>): Promise<unknown> }

const text = v.string()
const say = (value: unknown) => (value === null || value === undefined ? null : String(value))
/** Names of states as the API spells them: POWEREDOFF, SHUTTINGDOWN. */
const shout = (state: unknown) => String(state).replace(/-/g, '').toUpperCase()

const vmOf = (vm: RecordData) => ({
  imgName: vm['name'], comments: vm['description'] ?? null, imgId: vm['id'], bootDevice: vm['bootDevice'] === undefined ? 'HDD' : shout(vm['bootDevice']), imgSize: vm['diskMiB'], maximumMemory: vm['memoryMiB'], publish: vm['visibility'], cpuNumber: vm['vcpus'], haEnable: vm['ha'],
  operatingSystemName: vm['os'], createTime: vm['createdAt'], parentImg: vm['template'], memory: vm['memoryMiB'], status: shout(vm['state']), vncPort: vm['vncPort'], poweronTime: vm['startedAt'], virtualMachineType: vm['type'] === 'hvm' ? 'HVM' : 'PVM', keyboardLayout: vm['keyboard'] ?? null, cpuCap: vm['cpuCap'] ?? null, cpuPriority: vm['cpuPriority'] ?? null,
})
const serverOf = (server: RecordData) => ({ serverId: server['id'], serverName: server['name'], ip: server['address'], serverType: (server['roles'] as string[]).join(','), status: shout(server['state']), memAmount: server['memoryMiB'], memFree: server['memoryFreeMiB'], supportHVM: server['hvm'], cpuNum: server['cores'], serverPool: server['pool'] })
const poolOf = (pool: RecordData) => ({ serverPoolId: pool['id'], serverPoolName: pool['name'], haEnable: pool['ha'], status: shout(pool['state']), serverPoolVirtualIP: pool['virtualIp'] })
const resourceOf = (one: RecordData) => ({ id: one['id'], name: one['name'], status: shout(one['state']), type: say(one['type']), operatingSystemName: say(one['os']), sizeMiB: one['sizeMiB'] })
const userOf = (user: RecordData) => ({ userId: user['name'], accountName: user['name'], accountStatus: shout(user['state']), email: user['email'] })
const groupOf = (group: RecordData) => ({ groupId: group['name'], groupName: group['name'], description: group['description'] })

function looks<E extends v.ObjectEntries>(meaning: string, entries: E, answer: v.GenericSchema, work: (farm: Farm, given: v.InferOutput<v.StrictObjectSchema<E, undefined>>) => Promise<unknown>, attested = true): OracleOperation {
  return { attested, meaning, parameters: v.strictObject(entries) as unknown as OracleOperation['parameters'], answer, work: work as OracleOperation['work'] }
}

function acts<E extends v.ObjectEntries>(meaning: string, entries: E, work: (farm: Farm, given: v.InferOutput<v.StrictObjectSchema<E, undefined>>) => Promise<{ run: string; done: boolean }>, attested = true): OracleOperation {
  return looks(meaning, entries, begunShape, work, attested)
}

/** Something done to a guest that is named by its id, or by its name. */
function onVm(operation: RunOperation, meaning: string, attested = false): OracleOperation {
  return acts(meaning, { vmId: text }, async (farm, { vmId }) => farm.act(operation, [await farm.idOf('vm', vmId)]), attested)
}

function resourcesOf(kind: RecordKind, meaning: string, shape: v.GenericSchema, map: (record: RecordData) => object): OracleOperation {
  return looks(meaning, { serverPoolName: text }, v.array(shape), async (farm, { serverPoolName }) => (await farm.rows(kind, serverPoolName)).map(map))
}

const newVm = { vmName: text, serverPoolName: text, cpuNumber: v.nullable(v.pipe(v.number(), v.integer())), memory: v.nullable(v.pipe(v.number(), v.integer())) }
type NewVm = v.InferOutput<v.StrictObjectSchema<typeof newVm, undefined>>

function makes(meaning: string, entries: v.ObjectEntries, source: (given: Record<string, unknown>) => Partial<Parameters<typeof guestSpec>[0]>): OracleOperation {
  return acts(meaning, { ...newVm, ...entries }, async (farm, given) => {
    const { vmName, serverPoolName, cpuNumber, memory } = given as NewVm
    return farm.act('vm.create', [], { details: { guests: [guestSpec({ name: vmName, pool: serverPoolName, vcpus: cpuNumber, memoryMiB: memory, ...source(given) })] } })
  })
}

/** The role of an id: 1 for the first of our roles. @throws Refusal usage.request */
function roleOf(id: number): string {
  const role = roles[id - 1]
  if (!role) throw new Refusal('usage.request', `there is no role ${id}`, 'findAllOVMRole tells which there are')
  return role
}

/** The five services, by name, and in each its operations. */
export const oracleServices: Readonly<Record<string, Readonly<Record<string, OracleOperation>>>> = {
  AdminService: {
    createUser: acts('makes a user', { account: text, email: v.nullable(text), password: text, roleId: v.pipe(v.number(), v.integer()) }, async (farm, { account, email, password, roleId }) => farm.act('user.create', [], { details: { name: account, role: roleOf(roleId), email: email || null, password } })),
    createGroup: acts('makes a group', { name: text, desc: v.nullable(text) }, async (farm, { name, desc }) => farm.act('group.create', [], { details: { name, description: desc || null } })),
    createUserGroup: acts('puts a user into a group', { userId: text, groupId: text }, async (farm, { userId, groupId }) => farm.act('group.add', [groupId], { details: { users: [userId] } })),
    createUserSite: acts('grants a server pool to a user', { userId: text, siteId: text }, async (farm, { userId, siteId }) => farm.act('user.grant', [userId], { details: { pools: [siteId] } })),
    findAllOVMUser: looks('all users', {}, v.array(userShape), async farm => (await farm.rows('user')).map(userOf)),
    findAllOVMGroup: looks('all groups', {}, v.array(groupShape), async farm => (await farm.rows('group')).map(groupOf)),
    findAllOVMUserGroup: looks('who is in which group', {}, v.array(userGroupShape), async farm => (await farm.rows('group')).flatMap(group => (group['members'] as string[]).map(user => ({ user_id: user, group_id: group['name'] })))),
    findAllOVMRole: looks('the roles', {}, v.array(roleShape), async () => roles.map((role, at) => ({ role_id: at + 1, role_name: role }))),
  },
  ServerPoolService: {
    getAllServerPools: looks('all server pools', {}, v.array(serverPoolShape), async farm => (await farm.rows('pool')).map(poolOf)),
    getServerPoolByName: looks('a server pool', { serverPoolName: text }, serverPoolShape, async (farm, { serverPoolName }) => poolOf(await farm.one('pool', serverPoolName))),
    getServerPoolById: looks('a server pool', { serverPoolId: text }, serverPoolShape, async (farm, { serverPoolId }) => poolOf(await farm.one('pool', serverPoolId))),
    getAllMembers: looks('the servers of a pool', { serverPoolName: text }, v.array(virtualServerShape), async (farm, { serverPoolName }) => (await farm.rows('server', serverPoolName)).map(serverOf)),
    getMasterServer: looks('the master of a pool', { serverPoolName: text }, virtualServerShape, async (farm, { serverPoolName }) => {
      const { master } = await farm.one('pool', serverPoolName)
      if (typeof master !== 'string') throw new Refusal('pool.no-master', `${serverPoolName} has no master`, 'pool show tells how it is')
      return serverOf(await farm.one('server', master))
    }),
    getVirtualServers: looks('all servers', {}, v.array(virtualServerShape), async farm => (await farm.rows('server')).map(serverOf)),
    getServerByName: looks('a server', { serverName: text }, virtualServerShape, async (farm, { serverName }) => serverOf(await farm.one('server', serverName))),
    getVirtualServerById: looks('a server', { serverId: text }, virtualServerShape, async (farm, { serverId }) => serverOf(await farm.one('server', serverId))),
    getAgentVersion: looks('the version of the agent of a server', { serverId: text }, text, async (farm, { serverId }) => String((await farm.one('server', serverId))['agentVersion'])),
    getVirtualServerMetrics: looks('what a server has and gives', { serverId: text }, virtualServerMetricsShape, async (farm, { serverId }) => {
      const server = await farm.one('server', serverId)
      return { virtualServerID: server['id'], virtualServerName: server['name'], freeMemory: server['memoryFreeMiB'], totalMemory: server['memoryMiB'], allocatedVCpu: server['vcpusUsed'], numOfPhysicalCPU: server['cores'] }
    }),
    getServerPoolMetricsByServerPoolId: looks('what a pool has and gives', { serverPoolId: text }, serverPoolMetricsShape, async (farm, { serverPoolId }) => {
      const pool = await farm.one('pool', serverPoolId)
      const servers = await farm.rows('server', String(pool['name']))
      const sum = (field: string) => servers.reduce((total, server) => total + Number(server[field]), 0)
      return { serverPoolName: pool['name'], freeMemory: pool['memoryFreeMiB'], totalMemory: pool['memoryMiB'], allocatedVCpu: sum('vcpusUsed'), totalNumOfCpus: sum('cores') }
    }),
    getStorageRepositoriesByServerPoolId: looks('the repositories of a pool', { serverPoolId: text }, v.array(storageRepositoryShape), async (farm, { serverPoolId }) =>
      (await farm.rows('repo', String((await farm.one('pool', serverPoolId))['name']))).map(repo => ({ uuid: repo['uuid'], device: repo['device'], root: repo['root'], status: shout(repo['state']), sizeMiB: repo['sizeMiB'], freeMiB: repo['freeMiB'] }))),
    blackoutServer: acts('empties a server, and puts it into maintenance', { serverId: text }, async (farm, { serverId }) => farm.act('server.maintenance-on', [await farm.idOf('server', serverId)])),
    endBlackoutServer: acts('ends the maintenance of a server', { serverId: text }, async (farm, { serverId }) => farm.act('server.maintenance-off', [await farm.idOf('server', serverId)])),
    shutdownServer: acts('shuts a server down', { serverId: text }, async (farm, { serverId }) => farm.act('server.stop', [await farm.idOf('server', serverId)])),
    rebootServer: acts('restarts a server', { serverId: text }, async (farm, { serverId }) => farm.act('server.restart', [await farm.idOf('server', serverId)])),
  },
  VirtualMachineService: {
    getAllVMs: looks('the guests of a pool', { serverPoolName: text }, v.array(virtualMachineShape), async (farm, { serverPoolName }) => (await farm.rows('vm', serverPoolName)).map(vmOf)),
    getVMByVMId: looks('a guest', { vmId: text }, virtualMachineShape, async (farm, { vmId }) => vmOf(await farm.one('vm', vmId)), false),
    powerOn: onVm('vm.start', 'starts a guest'), powerOff: onVm('vm.stop', 'stops a guest'), reboot: onVm('vm.reboot', 'reboots a guest'),
    pause: onVm('vm.pause', 'pauses a guest'), unpause: onVm('vm.unpause', 'lets a paused guest go on'), suspend: onVm('vm.suspend', 'suspends a guest'), resume: onVm('vm.resume', 'resumes a suspended guest'),
    resetStatus: onVm('vm.reset-status', 'asks the server what state a guest is in'),
    liveMigrate: acts('moves a running guest to another server, or to the best', { vmId: text, serverName: v.nullable(text) }, async (farm, { vmId, serverName }) => farm.act('vm.migrate', [await farm.idOf('vm', vmId)], { to: serverName || 'auto' }), false),
    saveAsTemplate: acts('saves a guest as a template', { vmId: text, templateName: text }, async (farm, { vmId, templateName }) => farm.act('vm.template', [await farm.idOf('vm', vmId)], { details: { name: templateName } }), false),
    deleteVMByVMId: onVm('vm.delete', 'deletes a guest and its files', true),
  },
  LifecycleService: {
    clone: acts('clones a guest', { vmId: text, imgName: text, tgtServerPool: v.nullable(text) }, async (farm, { vmId, imgName, tgtServerPool }) => farm.act('vm.clone', [await farm.idOf('vm', vmId)], { details: { names: [imgName], pool: tgtServerPool || null } })),
    createVmBasedOnTemplate: makes('makes a guest from a template', { templateName: text }, given => ({ template: String(given['templateName']) })),
    createVmBasedOnISO: makes('makes a guest that boots an ISO', { iso: text }, given => ({ iso: String(given['iso']) })),
    createVmBasedOnPXE: makes('makes a guest that boots from the network', {}, () => ({ pxe: true })),
    addNIC: acts('gives a guest a network card', { vmId: text, bridge: text }, async (farm, { vmId, bridge }) => farm.act('vm.nic-add', [await farm.idOf('vm', vmId)], { details: { bridge, mac: null } })),
    addDisk: acts('gives a guest a disk', { vmId: text, sizeMiB: v.pipe(v.number(), v.integer()) }, async (farm, { vmId, sizeMiB }) => farm.act('vm.disk-add', [await farm.idOf('vm', vmId)], { details: { sizeMiB } })),
    attachCDtoVM: acts('puts an ISO into the drive of a guest', { vmId: text, iso: text }, async (farm, { vmId, iso }) => farm.act('vm.cdrom-insert', [await farm.idOf('vm', vmId)], { details: { iso } })),
    detachCD: acts('takes the CD out of the drive of a guest', { vmId: text }, async (farm, { vmId }) => farm.act('vm.cdrom-eject', [await farm.idOf('vm', vmId)])),
    configVMGroup: acts('gives a guest to a group', { imgId: text, groupId: v.nullable(text) }, async (farm, { imgId, groupId }) => farm.act('vm.update', [await farm.idOf('vm', imgId)], { details: { group: groupId || null } })),
  },
  ResourceService: {
    getAllTemplateResources: resourcesOf('template', 'the templates of a pool', resourceShape, resourceOf),
    getAllImageResources: resourcesOf('image', 'the images of a pool', resourceShape, resourceOf),
    getAllISOResources: resourcesOf('iso', 'the ISOs of a pool', resourceShape, resourceOf),
    getAllSharedVirtualDisks: resourcesOf('disk', 'the shared disks of a pool', sharedDiskShape, disk => ({ id: disk['id'], name: disk['name'], sizeMiB: disk['sizeMiB'] })),
    deleteSharedVirtualDisk: acts('deletes a shared disk', { id: text }, async (farm, { id }) => farm.act('disk.delete', [await farm.idOf('disk', id)])),
  },
}
