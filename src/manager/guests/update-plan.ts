import { guestChangeDetails } from '../../contract/details/guest-change.js'
import { validate, type OperationOptions } from '../../contract/requests.js'
import type { ErrorCode, Fault } from '../../model/errors.js'
import { changedFields, changedGuestFaults, type ChangeableField, type GuestChange, type GuestFacts } from '../../model/guest-change.js'
import { groupBy } from '../../model/group.js'
import type { GuestFault } from '../../model/guest-faults.js'
import { osNamed } from '../../model/guest-os.js'
import { inOrder } from '../../model/tags.js'
import { judge } from '../../model/vm-states.js'
import type { Change } from '../acts.js'
import { refusedBy } from '../files/decide.js'
import { fault } from '../launch.js'
import { strangerFault } from '../people/known.js'
import { stateFault } from '../launch-vm.js'
import type { UpdateGuest, UpdateScene } from './update-scene.js'

/** What becomes of one guest: refused, unchanged, or otherwise in some fields. */
export type Plan = { fault: Fault } | { fields: ChangeableField[]; after: GuestFacts; /** its server is to give it other memory or virtual CPUs now */ live: boolean }

/** What a run of `vm update` asks: the same of every guest. */
export interface Wish { change: GuestChange; tags: OperationOptions['tags']; /** there is a password to be set */ password: boolean }

/** What the options of a run ask. */
export function wishOf(options: OperationOptions): Wish {
  const { consolePassword, os, ...change } = validate(guestChangeDetails, options.details ?? {})
  return { change: { ...change, ...(os === undefined ? {} : { os: osNamed(os) ?? os }) }, tags: options.tags, password: consolePassword === true }
}

/** What becomes of a guest; the scene is taken from what it reserves. */
export function planUpdate(guest: UpdateGuest, wish: Wish, scene: UpdateScene): Plan {
  const { facts: before, state } = guest
  const shut = refusedBy(guest.inPool)
  if (shut) return { fault: shut }
  if (judge('update', state, false) === 'refused') return { fault: stateFault('update', { name: before.name, state }) }
  if (wish.password && scene.secret === null) return { fault: fault('vm.config', `the password for the console of guest ${before.name} was not kept`, 'give vm update --console-password-file anew') }
  const after: GuestFacts = { ...before, ...wish.change, ...(wish.change.preferredServers ? { preferredServers: wish.change.preferredServers.map(server => serverIn(scene, server)) } : {}), tags: wish.tags ? tagged(before.tags, wish.tags) : before.tags, ...(wish.password ? { consolePassword: scene.secret } : {}) }
  const fields = changedFields(before, after)
  const running = state === 'running'
  const faults = [...changedGuestFaults(before, after, running ? guest.boot : null), ...surroundingFaults(guest, after, fields, scene)]
  if (faults.length > 0) return { fault: together(guest, faults) }
  const live = running && (fields.includes('memoryMiB') || fields.includes('vcpus'))
  if (live) {
    const noRoom = reserve(guest, after, scene)
    if (noRoom) return { fault: noRoom }
  }
  if (fields.includes('name')) scene.taken.add(`${guest.poolId} ${after.name}`)
  return { fields, after, live }
}

/** The id of a server that was looked up before, or is told as people know it. */
function serverIn(scene: UpdateScene, wanted: string): string {
  return scene.servers.has(wanted) ? wanted : ([...scene.servers].find(([, server]) => server.name === wanted)?.[0] ?? wanted)
}

function tagged(tags: Record<string, string>, { set, unset }: NonNullable<OperationOptions['tags']>): Record<string, string> {
  const after = { ...tags, ...set }
  for (const key of unset) delete after[key]
  return inOrder(after)
}

/** What of a guest's surroundings stands in the way: its pool, the other guests, and who asks. */
function surroundingFaults(guest: UpdateGuest, after: GuestFacts, fields: readonly ChangeableField[], scene: UpdateScene): GuestFault[] {
  const faults: GuestFault[] = []
  const add = (field: ChangeableField, code: ErrorCode, message: string, hint: string) => { faults.push({ field, code, message, hint }) }
  if (fields.includes('name') && scene.taken.has(`${guest.poolId} ${after.name}`)) add('name', 'vm.exists', `a guest ${after.name} exists in pool ${guest.pool} already`, `choose another name: vm list --pool ${guest.pool} shows what there is`)
  if (fields.includes('ha') && after.ha && !guest.poolHa) add('ha', 'pool.no-ha', `pool ${guest.pool} has no HA`, `pool update ${guest.pool} --ha gives it`)
  if (fields.includes('preferredServers')) {
    const strange = after.preferredServers.map(id => scene.servers.get(id)).filter(server => server !== undefined && server.poolId !== guest.poolId)
    for (const server of strange) add('preferredServers', 'vm.config', `server ${server!.name} is in pool ${server!.pool}, and not in ${guest.pool}`, `server list --pool ${guest.pool} shows what there is`)
  }
  const stranger = fields.includes('owner') || fields.includes('group') ? strangerFault(after, scene.known) : null
  if (stranger) add(stranger.code === 'not-found.user' ? 'owner' : 'group', stranger.code, stranger.message, stranger.hint!)
  if (scene.ownOnly !== null && scene.ownOnly !== guest.facts.owner) {
    for (const field of ['owner', 'group', 'visibility'] as const) if (fields.includes(field)) add(field, 'auth.denied', `it belongs to ${guest.facts.owner}, and ${scene.ownOnly} may change it, but not whose it is or who sees it`, 'ask its owner, a manager or an administrator')
  }
  return faults
}

/** All faults of one guest as one: with their code, when they share it. What is wrong with a value only because of what the guest is, is no error of usage. */
function together(guest: UpdateGuest, found: readonly GuestFault[]): Fault {
  const faults = found.map(one => ({ ...one, code: one.code === 'usage.argument' ? ('vm.config' as const) : one.code }))
  const [first] = faults
  const code = faults.every(one => one.code === first!.code) ? first!.code : 'vm.config'
  const details = { state: guest.state, operation: 'update', ...(code === 'vm.state' ? { allowed: ['powered-off'] } : {}), faults }
  const byState = faults.some(one => one.code === 'vm.state')
  return fault(code, `guest ${guest.name}${byState ? ` is ${guest.state}` : ''}: ${[...groupBy(faults, one => one.message)].map(([message, of]) => `${of.map(one => one.field).join(', ')}${byState ? '' : ':'} ${message}`).join('; ')}`, first!.hint, details)
}

/** Takes from a server what a running guest is to have more; why there is not so much. */
function reserve(guest: UpdateGuest, after: GuestFacts, scene: UpdateScene): Fault | null {
  const free = scene.free.get(guest.serverId!)!
  const more = { memoryMiB: after.memoryMiB - guest.facts.memoryMiB, vcpus: after.vcpus - guest.facts.vcpus }
  const on = scene.servers.get(guest.serverId!)!.name
  const hint = `vm migrate ${guest.name} --to auto, or free some on ${on}`
  if (more.memoryMiB > free.memoryMiB) return fault('capacity.memory', `guest ${guest.name}: ${more.memoryMiB} MiB more wanted, ${free.memoryMiB} MiB free on server ${on}`, hint)
  if (more.vcpus > free.vcpus) return fault('capacity.vcpus', `guest ${guest.name}: ${more.vcpus} virtual CPUs more wanted, ${free.vcpus} free on server ${on}`, hint)
  free.memoryMiB -= more.memoryMiB
  free.vcpus -= more.vcpus
  return null
}

/** What changed, as people know it; of a password only that there is another. */
export function changeOf(guest: UpdateGuest, after: GuestFacts, fields: readonly ChangeableField[], scene: UpdateScene): Change {
  const told = (facts: GuestFacts) => Object.fromEntries(fields.map(field => [field, field === 'consolePassword' ? (facts === after ? 'another' : facts.consolePassword === null ? null : 'one') : field === 'preferredServers' ? facts.preferredServers.map(id => scene.servers.get(id)?.name ?? id) : facts[field]]))
  return { before: told(guest.facts), after: told(after) }
}
