import * as v from 'valibot'

/**
 * The types of the Web services of Oracle VM 2.2, with the field names that are attested (shared/research/ovmcli.md, 2b and 2c;
 * docs/wire.md says which). A field that nothing here corresponds to is left out, where the API has it; ids are texts here.
 */
const text = v.string()
const optionalText = v.nullable(v.string())
const whole = v.pipe(v.number(), v.integer())

export const virtualMachineShape = v.strictObject({
  imgName: text, comments: optionalText, imgId: text, bootDevice: text, imgSize: whole, maximumMemory: whole, publish: text, cpuNumber: whole, haEnable: v.boolean(), operatingSystemName: optionalText,
  createTime: optionalText, parentImg: optionalText, memory: whole, status: text, vncPort: v.nullable(whole), poweronTime: optionalText, virtualMachineType: text, keyboardLayout: optionalText, cpuCap: v.nullable(whole), cpuPriority: v.nullable(whole),
})

export const virtualServerShape = v.strictObject({
  serverId: text, serverName: text, ip: text, serverType: text, status: text, memAmount: whole, memFree: whole, supportHVM: v.boolean(), cpuNum: whole, serverPool: text,
})

export const virtualServerMetricsShape = v.strictObject({ virtualServerID: text, virtualServerName: text, freeMemory: whole, totalMemory: whole, allocatedVCpu: whole, numOfPhysicalCPU: whole })

export const serverPoolShape = v.strictObject({ serverPoolId: text, serverPoolName: text, haEnable: v.boolean(), status: text, serverPoolVirtualIP: optionalText })

export const serverPoolMetricsShape = v.strictObject({ serverPoolName: text, freeMemory: whole, totalMemory: whole, allocatedVCpu: whole, totalNumOfCpus: whole })

export const storageRepositoryShape = v.strictObject({ uuid: text, device: text, root: v.boolean(), status: text, sizeMiB: whole, freeMiB: whole })

export const userShape = v.strictObject({ userId: text, accountName: text, accountStatus: text, email: optionalText })

export const roleShape = v.strictObject({ role_id: whole, role_name: text })

export const groupShape = v.strictObject({ groupId: text, groupName: text, description: optionalText })

export const userGroupShape = v.strictObject({ user_id: text, group_id: text })

export const resourceShape = v.strictObject({ id: text, name: text, status: text, type: optionalText, operatingSystemName: optionalText, sizeMiB: whole })

export const sharedDiskShape = v.strictObject({ id: text, name: text, sizeMiB: whole })

/** What a call that changes something began: the run, and whether all of it was seen to be done. */
export const begunShape = v.strictObject({ run: text, done: v.boolean() })
