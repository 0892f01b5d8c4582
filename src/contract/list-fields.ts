import type { InferOutput } from 'valibot'
import type { FarmSummary, FaultSummary, HealthCheck, PresetSummary } from './farms.js'
import type { Field } from './fields.js'
import type { Discovered, ServerNic, ServerRepo } from './manager.js'
import { serverNetworks } from '../model/object-states.js'
import { repositoryKinds } from '../model/repositories.js'
import { profileStates, type ProfileSummary } from './remote.js'
import type { CommandFacts } from './shapes/command.js'
import type { guestDiskRowShape, nicShape } from './shapes/guest-parts.js'

/** A field for whatever rows of a type hold, and for nothing else. */
type FieldsOf<Row> = Record<keyof Row, Field>

/**
 * The fields of lists that are no records of the manager: headings, sizes, columns, filters and sorting derive from them as
 * from `recordFields`, by `selectRows`. In the order of the output.
 */
export const listFields = {
  /** `FarmSummary`: of a farm that cannot be read only the name is known */
  farm: {
    name: { type: 'text', column: 'short' }, preset: { type: 'text', nullable: true, column: 'short' }, seed: { type: 'integer', nullable: true, column: 'short' },
    current: { type: 'boolean', column: 'short' }, pools: { type: 'integer', nullable: true, column: 'short' }, servers: { type: 'integer', nullable: true, column: 'short' },
    vms: { type: 'integer', nullable: true, column: 'short' },
  },
  /** `PresetSummary`: `pools` names them */
  preset: { name: { type: 'text', column: 'short' }, pools: { type: 'text', column: 'short' }, description: { type: 'text', column: 'short' } },
  /** `FaultSummary`: `until`, `probability` and `count` are null where there is no end to it, chance or number */
  fault: {
    id: { type: 'text', column: 'short' }, kind: { type: 'text', column: 'short' }, subject: { type: 'text', column: 'short' },
    state: { type: 'text', state: true, values: ['waiting', 'active', 'over'], column: 'short' }, at: { type: 'time', column: 'short' },
    until: { type: 'time', nullable: true, column: 'short' }, probability: { type: 'number', nullable: true, column: 'wide' }, count: { type: 'integer', nullable: true, column: 'wide' },
    occasions: { type: 'integer', column: 'short' },
  },
  /** `Discovered`: what could be registered */
  discovered: {
    name: { type: 'text', column: 'short' }, pool: { type: 'text', column: 'short' }, type: { type: 'text', nullable: true, column: 'short' }, os: { type: 'text', nullable: true, column: 'short' },
    sizeMiB: { type: 'integer', unit: 'MiB', column: 'short' }, repository: { type: 'text', nullable: true, column: 'wide' },
  },
  /** `HealthCheck` */
  check: { check: { type: 'text', column: 'short' }, result: { type: 'text', column: 'short' }, message: { type: 'text', column: 'short' }, hint: { type: 'text', nullable: true, column: 'short' } },
  /** a network card of a guest */
  nic: { name: { type: 'text', column: 'short' }, bridge: { type: 'text', column: 'short' }, mac: { type: 'text', column: 'short' } },
  /** a disk of a guest */
  'guest-disk': { name: { type: 'text', column: 'short' }, kind: { type: 'text', column: 'short' }, sizeMiB: { type: 'integer', unit: 'MiB', nullable: true, column: 'short' }, file: { type: 'text', column: 'short' }, disk: { type: 'text', nullable: true, column: 'wide' }, mode: { type: 'text', nullable: true, column: 'wide' } },
  /** `ServerNic` */
  'server-nic': {
    server: { type: 'text', column: 'short' }, nic: { type: 'text', column: 'short' }, mac: { type: 'text', column: 'short' }, speedMbit: { type: 'integer', column: 'wide' }, address: { type: 'text', nullable: true, column: 'short' },
    bridge: { type: 'text', column: 'short' }, interfaces: { type: 'list', column: 'wide' }, networks: { type: 'list', values: serverNetworks, column: 'short' },
  },
  /** `ServerRepo` */
  'server-repo': {
    server: { type: 'text', column: 'short' }, root: { type: 'boolean', column: 'short' }, uuid: { type: 'text', column: 'short' }, device: { type: 'text', column: 'short' }, kind: { type: 'text', values: repositoryKinds, column: 'wide' },
    mountPoint: { type: 'text', column: 'short' }, sizeMiB: { type: 'integer', unit: 'MiB', column: 'wide' }, freeMiB: { type: 'integer', unit: 'MiB', column: 'wide' }, lockDevice: { type: 'text', nullable: true, column: 'wide' },
  },
  /** `ProfileSummary`: a login with a manager elsewhere */
  profile: {
    name: { type: 'text', column: 'short' }, manager: { type: 'text', nullable: true, column: 'short' }, user: { type: 'text', nullable: true, column: 'short' }, farm: { type: 'text', nullable: true, column: 'short' }, current: { type: 'boolean', column: 'short' },
    trust: { type: 'text', nullable: true, values: ['pinned', 'ca', 'system'], column: 'wide' }, fingerprint: { type: 'text', nullable: true, column: 'none' }, ca: { type: 'text', nullable: true, column: 'none' },
    expiresAt: { type: 'time', nullable: true, column: 'short' }, state: { type: 'text', state: true, values: profileStates, column: 'short' },
  },
  /** `CommandFacts`: a command of ovmcli itself */
  command: {
    id: { type: 'text', column: 'short' }, topic: { type: 'text', column: 'none' }, verb: { type: 'text', nullable: true, column: 'none' }, summary: { type: 'text', column: 'short' },
    description: { type: 'text', column: 'none' }, usage: { type: 'text', column: 'wide' }, acts: { type: 'boolean', column: 'wide' }, output: { type: 'text', nullable: true, column: 'none' },
    lines: { type: 'boolean', column: 'none' }, aliases: { type: 'list', column: 'none' }, flags: { type: 'list', column: 'none' }, examples: { type: 'list', column: 'none' }, exampleFarm: { type: 'list', column: 'none' },
  },
} as const satisfies { nic: FieldsOf<InferOutput<typeof nicShape>>; 'guest-disk': FieldsOf<InferOutput<typeof guestDiskRowShape>>; command: FieldsOf<CommandFacts>; farm: FieldsOf<FarmSummary>; profile: FieldsOf<ProfileSummary>; preset: FieldsOf<PresetSummary>; discovered: FieldsOf<Discovered>; fault: FieldsOf<FaultSummary>; check: FieldsOf<HealthCheck>; 'server-nic': FieldsOf<ServerNic>; 'server-repo': FieldsOf<ServerRepo> }

/** A kind of row that can be listed and is no record of the manager. */
export type ListKind = keyof typeof listFields

/** What a user calls several of the kind, in messages. */
export const listWords: Record<ListKind, string> = { farm: 'farms', profile: 'profiles', preset: 'presets', fault: 'faults', discovered: 'what could be registered', check: 'checks', nic: 'network cards', 'server-nic': 'network cards', 'server-repo': 'repositories', 'guest-disk': 'disks', command: 'commands' }

/** Whether a kind is of this table, and no record. */
export function isListKind(kind: string): kind is ListKind {
  return Object.hasOwn(listFields, kind)
}
