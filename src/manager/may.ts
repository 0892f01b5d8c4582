import { fieldsOf, kindsWord, type RecordKind } from '../contract/fields.js'
import type { Permitted } from '../contract/manager.js'
import type { Action, MayRequest, TakeUp } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { isOperation, kindOf } from '../model/operations.js'
import { reachOf, type Permission } from '../model/permissions.js'
import type { Reader } from '../store/store.js'
import { abortable } from './abort.js'
import { showRecords } from './looking.js'
import { permit, type Caller } from './principal.js'
import { deniedFault, forbiddenTo } from './permitted.js'
import { permitTakeUp } from './take-up.js'
import { permitUndo } from './undo.js'

type Target = NonNullable<Permitted['target']>

/**
 * Whether the caller may do something, by the very checks that doing it would pass; what it is to be done to is looked up only
 * when his role may do it at all. @throws Refusal not-found.*, usage.ambiguous; usage.request for a name of no kind
 */
export async function mayDo(reader: Reader, caller: Caller, farm: string, { action, kind, name }: MayRequest): Promise<Permitted> {
  const permission: Permission = isTakeUp(action) || action === 'job.abort' ? 'records.look' : action
  const answer = { user: caller.user, role: caller.role, farm, action, reach: reachOf(caller.role, permission) }
  let target: Target | null = null
  try {
    permit(caller, permission)
    if (name !== null) {
      target = await find(reader, caller, kindFor(action, kind), name)
      await permitOn(reader, caller, action, target)
    }
    return { allowed: true, ...answer, target, reason: reachWords(caller, action, permission), hint: null }
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'auth.denied') throw error
    return { allowed: false, ...answer, target, reason: error.message, hint: error.hint }
  }
}

function isTakeUp(action: Action): action is TakeUp {
  return action === 'run.resume' || action === 'run.retry' || action === 'run.undo'
}

/** What kind of object an action is done to. @throws Refusal usage.request where it is another kind than was said, or none */
function kindFor(action: Action, kind: RecordKind | null): RecordKind {
  const own = isTakeUp(action) ? 'run' : action === 'job.abort' ? 'job' : isOperation(action) ? kindOf(action) : action === 'farm.manage' ? null : kind
  if (own === null || own !== kind) throw new Refusal('usage.request', `${action} is not done to ${kind === null ? 'an object of no kind' : `a ${kind}`}`)
  return own
}

/** The one object that a name, id or pool/name means to the caller. */
async function find(reader: Reader, caller: Caller, kind: RecordKind, name: string): Promise<Target> {
  const columns = ['id', 'name', 'pool'].filter(field => fieldsOf(kind)[field])
  const [found] = (await showRecords(reader, caller, { principal: { user: caller.user }, kind, names: [name], columns })) as { id?: string; name?: string; pool?: string }[]
  return { kind, id: found!.id ?? found!.name!, name: found!.name ?? found!.id!, pool: found!.pool ?? null }
}

/** @throws Refusal auth.denied */
async function permitOn(reader: Reader, caller: Caller, action: Action, target: Target): Promise<void> {
  if (action === 'run.undo') return permitUndo(reader, caller, target.id)
  if (isTakeUp(action)) return permitTakeUp(reader, caller, target.id, action)
  if (action === 'job.abort') return void (await abortable(reader, caller, [target.id]))
  if (!isOperation(action)) return // What is found may be looked at.
  const forbidden = await forbiddenTo(reader, caller, action, [target])
  if (forbidden.has(target.id)) throw Refusal.from(deniedFault(caller.user, action, target.name))
}

/** How far a permission of the caller reaches, in words. */
function reachWords(caller: Caller, action: Action, permission: Permission): string {
  const who = `${caller.role === 'administrator' ? 'an' : 'a'} ${caller.role}`
  const listed = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '))
  const reach = reachOf(caller.role, permission)
  if (permission === 'farm.look') return 'everybody who may log in may look at the farm'
  if (permission === 'farm.manage') return `${who} manages the farm`
  if (permission === 'records.look') {
    const runs = `${who} sees ${reach === 'all' ? 'all' : 'his own'} runs, jobs and events`
    if (action === 'job.abort') return `${runs}, and aborts jobs whose operation he may do to their targets`
    return isTakeUp(action) ? `${runs}, and takes up those whose operation he may do to each target` : runs
  }
  if (permission === 'people.look') return reach === 'all' ? `${who} sees all users and groups` : `${who} sees himself and his own groups`
  if (permission === 'user.password') return reach === 'all' ? `${who} sets the password of any user` : `${who} sets his own password`
  if (permission.startsWith('user.') || permission.startsWith('group.')) return `${who} manages users and groups`
  const things = isOperation(action) ? kindsWord(kindOf(action)) : 'guests'
  const alsoPublic = permission === 'vm.look' ? '; public ones may be looked at' : ''
  switch (reach) {
    case 'granted': return `${who} reaches the ${things === 'pools' ? '' : `${things} of the `}pools granted to him (${listed(caller.pools)})${things === 'guests' ? ' and his own' : ''}${alsoPublic}`
    case 'own': return `${who} reaches his own ${things} and those shared with his groups (${listed(caller.groups)})${alsoPublic}`
    default: return `${who} reaches all ${things}`
  }
}
