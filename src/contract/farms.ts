import type { InferOutput } from 'valibot'
import type { Principal } from './requests.js'
import type { farmMadeShape, farmSummaryShape, faultSummaryShape, presetSummaryShape, worldStatusShape } from './shapes/sim.js'
import type { healthCheckShape } from './shapes/who.js'

/** How a farm is to be made. */
export interface FarmOrder {
  name: string | null
  preset: string
  seed: number
  running: boolean
  ha: boolean
  replace: boolean
  /** settings of the grid preset; null: its defaults */
  pools: number | null
  servers: number | null
  guests: number | null
}

/** An embedded farm, as `sim list` shows it. Of one that cannot be read (another version's, a broken one) all is null but its name. */
export type FarmSummary = InferOutput<typeof farmSummaryShape>

/** What `sim create` did; `notStarted` names guests that --running found no room for. */
export type FarmMade = InferOutput<typeof farmMadeShape>

/** What `sim status` shows of the simulated world. */
export type WorldStatus = InferOutput<typeof worldStatusShape>

/** A preset, as `sim presets` shows it. */
export type PresetSummary = InferOutput<typeof presetSummaryShape>

/** A fault that somebody wishes on a farm; durations in milliseconds, a probability from 0 to 1. */
export interface FaultOrder {
  /** null: the current farm */
  farm: string | null
  kind: string
  /** a server, guest or repository, by name, id or pool/name */
  subject: string
  /** when it begins, RFC 3339; null: `afterMs` from now (null: now) */
  at: string | null
  afterMs: number | null
  /** null: until it is cleared */
  forMs: number | null
  /** how likely it strikes on each occasion; null: on every one */
  probability: number | null
  /** at most on so many occasions; null: no end */
  count: number | null
}

/** A fault of a farm, as `sim fault list` shows it; `occasions` is how often it struck. */
export type FaultSummary = InferOutput<typeof faultSummaryShape>

/** What a check found, as `doctor` shows it; `hint` says what to do about it. */
export type HealthCheck = InferOutput<typeof healthCheckShape>

/** The keeper of the embedded farms in a home: makes, names and removes them, and wishes faults on them. */
export interface FarmKeeper {
  /** @throws Refusal farm.exists; auth.denied for whoever does not manage the farm that it is to replace; manager.served */
  create(principal: Principal, order: FarmOrder): Promise<FarmMade>
  names(): string[]
  /** The farm that commands work on when they name no other; null where there is none. */
  current(): string | null
  list(): Promise<FarmSummary[]>
  use(name: string): Promise<FarmSummary>
  /** @throws Refusal auth.denied for whoever does not manage each of the farms; manager.served */
  delete(principal: Principal, names: readonly string[]): Promise<FarmSummary[]>
  /** The name itself. @throws Refusal farm.not-found */
  must(name: string): string
  /** How the farms are, and which of them is current (`named`: is to be). Reads only, and leaves no trace. */
  check(named: string | null): Promise<HealthCheck[]>
  status(name: string | null): Promise<WorldStatus>
  presets(): PresetSummary[]
  /** One that begins now has begun, durably, when this resolves. */
  addFault(principal: Principal, order: FaultOrder): Promise<FaultSummary>
  listFaults(farm: string | null): Promise<FaultSummary[]>
  /** Ends faults and forgets them, all of the farm when none is named; as they ended. */
  clearFaults(principal: Principal, farm: string | null, ids: readonly string[]): Promise<FaultSummary[]>
}
