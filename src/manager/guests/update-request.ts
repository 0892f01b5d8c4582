import { guestChangeDetails, type GuestChangeDetails } from '../../contract/details/guest-change.js'
import { validate } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import { changeFaults, type GuestChange } from '../../model/guest-change.js'
import type { GuestFault } from '../../model/guest-faults.js'
import { isTagKey, isTagValue, tagRules } from '../../model/tags.js'
import type { Reader } from '../../store/store.js'
import type { Admit } from '../admission.js'
import { foreignGroup, hisGroups, visiblePeople, type Caller } from '../principal.js'
import { serverId } from '../submit.js'

/** What a run of `vm update` keeps: preferred servers by id. */
export type KeptChange = GuestChangeDetails

/** Checks a request of `vm update`: every value by itself, that what it names is there, and that one name is for one guest. */
export const admitUpdate: Admit = async (reader, caller, request, targets) => {
  const { tags, secret } = request.options
  const details = validate(guestChangeDetails, request.options.details ?? {})
  const { consolePassword, ...plain } = details
  if (Object.keys(details).length === 0 && (tags === null || Object.keys(tags.set).length + tags.unset.length === 0)) throw new Refusal('usage.argument', 'nothing is to be changed', 'say what: ovmcli help vm update')
  if ((consolePassword === true) !== (secret !== undefined)) throw new Refusal('usage.request', 'details.consolePassword goes with options.secret, and neither without the other')
  const change: GuestChange = { ...plain, ...(secret === undefined ? {} : { consolePassword: secret }) }
  refuse([...changeFaults(change), ...(tags ? tagFaults(tags) : [])])
  if (details.name !== undefined && targets.length > 1) throw new Refusal('usage.argument', `${targets.length} guests cannot have one name`, 'rename them one by one', { names: targets.slice(0, 20).map(target => target.name) })
  if (details.owner !== undefined) await mustSeeUser(reader, caller, details.owner)
  if (details.group !== undefined && details.group !== null) await mustHaveGroup(reader, caller, details.group)
  if (details.preferredServers === undefined) return details
  const preferredServers: string[] = []
  for (const name of details.preferredServers) preferredServers.push((await serverId(reader, name, false))!)
  return { ...details, preferredServers: [...new Set(preferredServers)] }
}

function tagFaults({ set, unset }: { set: Record<string, string>; unset: readonly string[] }): GuestFault[] {
  const fault = (message: string, hint: string): GuestFault => ({ field: 'tags', code: 'usage.argument', message, hint })
  const keys = [...Object.keys(set), ...unset].filter(key => !isTagKey(key)).map(key => fault(`${JSON.stringify(key.slice(0, 80))} cannot be the key of a tag`, tagRules.key))
  const values = Object.values(set).filter(value => !isTagValue(value)).map(value => fault(`${JSON.stringify(value.slice(0, 80))} cannot be the value of a tag`, tagRules.value))
  return [...keys, ...values]
}

/** @throws Refusal when there is any fault, with all of them */
function refuse(faults: readonly GuestFault[]): void {
  const [first] = faults
  if (!first) return
  const code = faults.every(fault => fault.code === first.code) ? first.code : 'usage.argument'
  throw new Refusal(code, faults.map(({ field, message }) => `${field}: ${message}`).join('; '), first.hint, { faults })
}

/** @throws Refusal not-found.user for one that is not there for the caller */
async function mustSeeUser(reader: Reader, caller: Caller, name: string): Promise<void> {
  const see = visiblePeople(caller)
  const found = await reader.select({ name: 'h.name' }, `from user h where h.name = ? and (${see.sql})`, [name, ...see.params])
  if (found.length === 0) throw new Refusal('not-found.user', `no such user: ${name}`, 'user list shows who there is', { missing: [name] })
}

/** A user shares with groups that he is in. @throws Refusal not-found.group, auth.denied */
async function mustHaveGroup(reader: Reader, caller: Caller, name: string): Promise<void> {
  const found = await reader.select({ name: 'name' }, 'from people_group where name = ?', [name])
  if (found.length === 0) throw new Refusal('not-found.group', `no such group: ${name}`, 'group list shows what there is', { missing: [name] })
  if (caller.role === 'user' && !caller.groups.includes(name)) throw new Refusal('auth.denied', foreignGroup(caller, name), hisGroups(caller))
}
