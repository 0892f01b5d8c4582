import { Refusal } from './errors.js'

/** What a fault can befall. */
export type FaultSubject = 'server' | 'vm' | 'repo'

/** A flag of `sim fault` beside `--at`, which goes with every kind. */
export type FaultFlag = 'for' | 'probability' | 'count'

/** One kind of fault: what it befalls, which flags mean something for it, and what it does. */
export interface FaultKindFacts {
  /** the first is what a subject that is not found is called */
  readonly takes: readonly [FaultSubject, ...FaultSubject[]]
  readonly flags: readonly FaultFlag[]
  readonly does: string
}

const whileItLasts = ['for', 'probability', 'count'] as const

/** The kinds of faults (simulation.md, "Faults"), once: command, help and simulator read them here. */
export const faultKinds = {
  'agent-down': { takes: ['server'], flags: ['for'], does: 'the agent of a server answers nobody' },
  'server-power-loss': { takes: ['server'], flags: ['for'], does: 'a server loses power, and its guests with it; after --for power returns and it boots' },
  'reply-lost': { takes: ['server', 'vm'], flags: whileItLasts, does: 'what is asked is done, but the answer never arrives' },
  'guest-crash': { takes: ['vm'], flags: whileItLasts, does: 'a running guest is gone from one moment to the next; one that does not run crashes while it next boots' },
  'guest-hang': { takes: ['vm'], flags: whileItLasts, does: 'a guest ignores being asked to shut down' },
  'copy-fail': { takes: ['vm', 'repo'], flags: whileItLasts, does: 'copying to or from a repository breaks half way' },
  'lock-stuck': { takes: ['vm'], flags: whileItLasts, does: "the cluster's lock on the files of a guest does not come free" },
} as const satisfies Record<string, FaultKindFacts>

/** A kind of fault. */
export type FaultKind = keyof typeof faultKinds

/** The row of a kind. */
export function faultKindFacts(kind: FaultKind): FaultKindFacts {
  return faultKinds[kind]
}

/** How a fault is wished for; durations in milliseconds, a probability from 0 to 1. */
export interface FaultWish {
  kind: string
  forMs: number | null
  probability: number | null
  count: number | null
}

/** The kind of a wish that makes sense. @throws Refusal sim.fault */
export function checkFault(wish: FaultWish): FaultKind {
  if (!Object.hasOwn(faultKinds, wish.kind)) {
    throw new Refusal('sim.fault', `there is no fault ${JSON.stringify(wish.kind.slice(0, 80))}`, `kinds: ${Object.keys(faultKinds).join(' ')}`, { kinds: Object.keys(faultKinds) })
  }
  const kind = wish.kind as FaultKind
  const { flags } = faultKindFacts(kind)
  for (const [flag, value] of [['for', wish.forMs], ['probability', wish.probability], ['count', wish.count]] as const) {
    if (value !== null && !flags.includes(flag)) throw new Refusal('sim.fault', `--${flag} means nothing for ${kind}: ${faultKinds[kind].does}`, flags.length > 0 ? `it takes --at and ${flags.map(one => `--${one}`).join(', ')}` : 'it takes --at only')
  }
  if (wish.forMs !== null && !(wish.forMs > 0)) throw new Refusal('sim.fault', '--for is longer than nothing')
  if (wish.probability !== null && !(wish.probability >= 0 && wish.probability <= 1)) throw new Refusal('sim.fault', `--probability is a number from 0 to 1 or a percentage, not ${wish.probability}`)
  if (wish.count !== null && !(Number.isInteger(wish.count) && wish.count >= 1)) throw new Refusal('sim.fault', `--count is a whole number from 1, not ${wish.count}`)
  return kind
}
