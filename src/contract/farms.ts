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

/** An embedded farm, as `sim list` shows it. */
export interface FarmSummary {
  name: string
  preset: string
  seed: number
  current: boolean
  pools: number
  servers: number
  vms: number
}

/** What `sim create` did; `notStarted` names guests that --running found no room for. */
export interface FarmMade extends FarmSummary {
  notStarted: string[]
}

/** What `sim status` shows of the simulated world. */
export interface WorldStatus {
  farm: string
  preset: string
  seed: number
  time: string
  clock: { mode: 'standing' | 'rate'; rate: number }
  /** activities under way in the world, and when the next ends */
  activities: number
  nextDueAt: string | null
  physics: Record<string, number>
}

/** A preset, as `sim presets` shows it. */
export interface PresetSummary {
  name: string
  pools: string
  description: string
}

/** The keeper of the embedded farms in a home: makes, names and removes them. */
export interface FarmKeeper {
  create(order: FarmOrder): Promise<FarmMade>
  list(): Promise<FarmSummary[]>
  use(name: string): Promise<FarmSummary>
  delete(names: readonly string[]): Promise<FarmSummary[]>
  status(name: string | null): Promise<WorldStatus>
  presets(): PresetSummary[]
}
