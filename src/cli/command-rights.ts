import { lookPermission, recordKinds, type RecordKind } from '../contract/fields.js'
import type { Action } from '../contract/requests.js'
import { operationWords } from '../model/operations.js'
import { permissions } from '../model/permissions.js'

/** What a command asks of whoever gives it. */
export interface CommandRight {
  /** what the manager has to permit; null: the command asks nobody */
  action: Action | null
  /** what a NAME behind the command names; null: nothing that permission could depend on */
  names: RecordKind | 'farm' | null
  /** it is asked only for a farm that exists already */
  onlyOfExisting?: boolean
}

const free: CommandRight = { action: null, names: null }
const lookAtFarm: CommandRight = { action: 'farm.look', names: null }
const manageFarm: CommandRight = { action: 'farm.manage', names: null }

/** The commands whose words do not say it. */
const exceptions: Readonly<Record<string, CommandRight>> = {
  'vm console': { action: 'vm.look', names: 'vm' },
  'vm nic list': { action: 'vm.look', names: 'vm' },
  'vm disk list': { action: 'vm.look', names: 'vm' },
  'vm wait': { action: 'vm.look', names: 'vm' },
  'job wait': { action: lookPermission('job'), names: 'job' },
  'job abort': { action: 'job.abort', names: 'job' },
  'event follow': { action: lookPermission('event'), names: null },
  'run resume': { action: 'run.resume', names: 'run' },
  'run retry': { action: 'run.retry', names: 'run' },
  'run undo': { action: 'run.undo', names: 'run' },
  'server maintenance on': { action: 'server.maintenance-on', names: 'server' },
  'server maintenance off': { action: 'server.maintenance-off', names: 'server' },
  'server add': { action: 'pool.add-server', names: null },
  'server network': { action: 'farm.look', names: 'server' },
  'server repos': { action: 'farm.look', names: 'server' },
  'agent show': { action: 'farm.look', names: 'server' },
  'agent log': { action: 'agent.configure', names: 'server' },
  ...Object.fromEntries((['agent.configure', 'agent.start', 'agent.stop', 'agent.restart'] as const).map(action => [operationWords(action), { action, names: 'server' as const }])),
  whoami: lookAtFarm, 'farm status': lookAtFarm, 'farm topology': lookAtFarm, 'sim clock': lookAtFarm,
  'sim delete': { action: 'farm.manage', names: 'farm' },
  'sim create': { action: 'farm.manage', names: 'farm', onlyOfExisting: true },
  'sim fault': manageFarm, 'sim fault clear': manageFarm,
  'sim use': { action: null, names: 'farm' },
  'manager init': manageFarm, 'manager backup': manageFarm, 'manager restore': manageFarm, 'manager serve': free, 'manager status': free, ...Object.fromEntries(['add', 'list', 'show', 'use', 'test', 'remove'].map(verb => [`profile ${verb}`, free])),
  'autocomplete script': free, 'autocomplete words': free, 'sim list': free, 'sim presets': free, 'sim status': free, 'sim fault list': free,
}

/**
 * What a command asks of whoever gives it; undefined where nobody has said. `vm start` is the permission `vm.start`, list and show
 * look at records of their topic, a command of one word is of the command line itself and asks nobody: only the rest is listed.
 */
export function rightOf(id: string): CommandRight | undefined {
  if (Object.hasOwn(exceptions, id)) return exceptions[id]
  const [topic, verb, ...rest] = id.split(' ')
  if (verb === undefined) return free
  const kind = recordKinds.find(each => each === topic)
  if (!kind) return undefined
  const permission = permissions.find(each => each === `${kind}.${[verb, ...rest].join('-')}`)
  // Of what is to be made there is nothing yet that permission could depend on.
  if (permission) return { action: permission, names: verb === 'create' ? null : kind }
  return rest.length === 0 && (verb === 'list' || verb === 'show' || verb === 'check') ? { action: lookPermission(kind), names: kind } : undefined
}
