import { cdromDetails, diskAddDetails, diskRemoveDetails, nicAddDetails, nicRemoveDetails, nicUpdateDetails } from '../../contract/details/guest-parts.js'
import { validate } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import { isDevicePath } from '../../model/guest-disks.js'
import { guestBounds } from '../../model/guest-faults.js'
import { isBridge, macFault, parseMac } from '../../model/nic.js'
import type { Admit } from '../admission.js'

/** Checks requests that change the parts of a guest, by what they say alone. */
export const partRequests = {
  'vm.nic-add': async (_reader, _caller, request) => {
    const { bridge, mac } = validate(nicAddDetails, request.options.details)
    return { bridge: checkBridge(bridge), mac: mac === null ? null : checkMac(mac) }
  },
  'vm.nic-update': async (_reader, _caller, request) => {
    const { nic, bridge, mac } = validate(nicUpdateDetails, request.options.details)
    if (bridge === null && mac === null) throw new Refusal('usage.argument', 'nothing is to be changed', 'give --bridge B or --mac M')
    return { nic, bridge: bridge === null ? null : checkBridge(bridge), mac: mac === null ? null : checkMac(mac) }
  },
  'vm.nic-remove': async (_reader, _caller, request) => validate(nicRemoveDetails, request.options.details),
  'vm.disk-add': async (_reader, _caller, request) => {
    const details = validate(diskAddDetails, request.options.details)
    if ('device' in details && !isDevicePath(details.device)) throw new Refusal('usage.argument', `${JSON.stringify(details.device.slice(0, 80))} is no device`, 'write its path on the servers, such as /dev/mapper/lun7')
    const [least, most] = guestBounds.diskMiB
    if ('sizeMiB' in details && (details.sizeMiB < least || details.sizeMiB > most)) throw new Refusal('usage.argument', `${details.sizeMiB} is not a whole number from ${least} to ${most} (MiB)`, 'write --size-mib 10240, or 10GiB')
    return details
  },
  'vm.disk-remove': async (_reader, _caller, request) => validate(diskRemoveDetails, request.options.details),
  'vm.cdrom-insert': async (_reader, _caller, request) => validate(cdromDetails, request.options.details),
} satisfies Record<string, Admit>

function checkBridge(bridge: string): string {
  if (isBridge(bridge)) return bridge
  throw new Refusal('usage.argument', `${JSON.stringify(bridge.slice(0, 60))} cannot be the name of a bridge`, 'a bridge is named such as xenbr0, at most 15 characters')
}

function checkMac(mac: string): string {
  const fault = macFault(mac)
  if (fault === null) return parseMac(mac)!
  throw new Refusal('usage.argument', fault, 'write six octets such as 00:16:3e:0a:0b:0c, or leave the address out')
}
