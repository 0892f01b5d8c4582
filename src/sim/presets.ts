import { Refusal } from '../model/errors.js'
import type { ServerRole } from '../model/object-states.js'
import { defaultRepositoryMiB } from '../model/repositories.js'

/** A pool of a preset. */
export interface PresetPool {
  name: string
  storage: 'local' | 'shared'
  repoMiB: number
  servers: { name: string; roles: ServerRole[] }[]
  guests: string[]
  /** files lie in its repository that the manager does not know: something to be registered */
  undiscovered?: boolean
}

/** The shape of a guest of a preset. */
export interface GuestShape { vcpus: number; memoryMiB: number; diskMiB: number; os: string }

/** A farm to be made. */
export interface FarmPlan {
  preset: string
  shape: GuestShape
  pools: PresetPool[]
}

/** Settings of the grid. */
export interface GridSize { pools: number; servers: number; guests: number }

const figureShape: GuestShape = { vcpus: 2, memoryMiB: 4_096, diskMiB: 20_480, os: 'el5' }
const gridShape: GuestShape = { vcpus: 1, memoryMiB: 1_024, diskMiB: 8_192, os: 'el5' }
const all: ServerRole[] = ['master', 'utility', 'vm']
const numbered = (prefix: string, from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => `${prefix}${from + at}`)
const local = (name: string, server: string, guests: string[]): PresetPool => ({ name, storage: 'local', repoMiB: defaultRepositoryMiB.local, servers: [{ name: server, roles: all }], guests })
const pair = (name: string, first: string, second: string, guests: string[]): PresetPool => ({ name, storage: 'shared', repoMiB: defaultRepositoryMiB.shared, servers: [{ name: first, roles: all }, { name: second, roles: ['vm'] }], guests })

/** The presets by name (simulation.md, "Presets"; seed, Figures 6–9). */
export const presets: Record<string, { description: string; poolNames: string; plan: (size: GridSize) => FarmPlan }> = {
  'figure-6': { description: 'one pool of one server with local storage, four guests', poolNames: 'pool1', plan: () => ({ preset: 'figure-6', shape: figureShape, pools: [local('pool1', 'ovs1', numbered('vm', 1, 4))] }) },
  'figure-7': { description: 'one pool of two servers with shared storage, six guests', poolNames: 'pool1', plan: () => ({ preset: 'figure-7', shape: figureShape, pools: [pair('pool1', 'ovs1', 'ovs2', numbered('vm', 1, 6))] }) },
  'figure-8': {
    description: 'figure-7 and a second pool of one server with local storage', poolNames: 'pool1, pool2',
    plan: () => ({ preset: 'figure-8', shape: figureShape, pools: [{ ...pair('pool1', 'ovs1', 'ovs2', numbered('vm', 1, 6)), undiscovered: true }, { ...local('pool2', 'ovs3', numbered('vm', 7, 10)), undiscovered: true }] }),
  },
  'figure-9': {
    description: 'two sites, each a pool of two servers with shared storage', poolNames: 'site-a, site-b',
    plan: () => ({ preset: 'figure-9', shape: figureShape, pools: [pair('site-a', 'ovs-a1', 'ovs-a2', numbered('a-vm', 1, 6)), pair('site-b', 'ovs-b1', 'ovs-b2', numbered('b-vm', 1, 6))] }),
  },
  grid: { description: 'shared pools of a chosen size: --pools, --servers and --guests a pool', poolNames: 'pool01 …', plan: grid },
}

function grid(size: GridSize): FarmPlan {
  const two = (n: number) => String(n).padStart(2, '0')
  const each = <T>(n: number, make: (at: number) => T) => Array.from({ length: n }, (_, at) => make(at + 1))
  return {
    preset: 'grid', shape: gridShape,
    pools: each(size.pools, pool => ({
      name: `pool${two(pool)}`, storage: 'shared', repoMiB: 8 * defaultRepositoryMiB.shared,
      servers: each(size.servers, server => ({ name: `ovs${two(pool)}-${two(server)}`, roles: server === 1 ? all : server === 2 ? ['utility', 'vm'] : ['vm'] })),
      guests: each(size.guests, guest => `vm${two(pool)}-${String(guest).padStart(4, '0')}`),
    })),
  }
}

/** The plan of a preset. @throws Refusal farm.preset */
export function planOf(preset: string, size: { pools: number | null; servers: number | null; guests: number | null }): FarmPlan {
  const found = Object.hasOwn(presets, preset) ? presets[preset] : undefined
  if (!found) throw new Refusal('farm.preset', `there is no preset ${JSON.stringify(preset)}`, `presets: ${Object.keys(presets).join(' ')}`)
  if (preset !== 'grid' && (size.pools ?? size.servers ?? size.guests) !== null) throw new Refusal('farm.preset', `preset ${preset} has a fixed size`, 'only grid takes --pools, --servers and --guests')
  const chosen = { pools: size.pools ?? 2, servers: size.servers ?? 4, guests: size.guests ?? 40 }
  for (const [name, value, most] of [['pools', chosen.pools, 99], ['servers', chosen.servers, 99], ['guests', chosen.guests, 9_999]] as const) {
    if (!Number.isInteger(value) || value < 1 || value > most) throw new Refusal('farm.preset', `--${name} is a whole number from 1 to ${most}, not ${value}`)
  }
  return found.plan(chosen)
}
