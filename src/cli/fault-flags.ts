import * as Flags from '@oclif/core/flags'
import type { FaultOrder } from '../contract/farms.js'
import { faultKinds, type FaultKindFacts } from '../model/fault-kinds.js'
import { parseDurationMs } from '../model/units.js'
import { durationMs } from './duration-flag.js'
import { Refusal } from './refusal.js'

/** Flags of `sim fault`. */
export const faultFlags = {
  at: Flags.string({ helpValue: 'TIME', description: 'when it begins: a time of the farm such as 2010-07-28T00:05:00Z, or how long from now (default now)' }),
  for: Flags.string({ helpValue: 'DURATION', description: 'how long it lasts (default until it is cleared)' }),
  probability: Flags.string({ helpValue: 'SHARE', description: 'how likely it strikes on each occasion: 0.25 or 25% (default always)' }),
  count: Flags.integer({ helpValue: 'N', description: 'on how many occasions at most' }),
}

const subjectWords = { server: 'SERVER', vm: 'GUEST', repo: 'REPOSITORY' } as const

/** The kinds of faults, a line each, with what they befall. */
export const faultKindLines = Object.entries<FaultKindFacts>(faultKinds).map(([kind, { takes, does }]) => `${`${kind} ${takes.map(one => subjectWords[one]).join('|')}`.padEnd(32)} ${does}`).join('\n')

/** When a fault begins, as `--at` says it. @throws Refusal usage.argument */
function beginning(text: string | undefined): Pick<FaultOrder, 'at' | 'afterMs'> {
  if (text === undefined) return { at: null, afterMs: null }
  if (!/^\d{4}-/.test(text)) return { at: null, afterMs: parseDurationMs(text, '--at') }
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))) return { at: text, afterMs: null }
  throw new Refusal('usage.argument', `--at: ${JSON.stringify(text.slice(0, 80))} is not a time`, 'write 2010-07-28T00:05:00Z, or 5m from now')
}

/** What the words of `sim fault` ask for. @throws Refusal usage.argument */
export function faultOrder(farm: string | null, argv: readonly string[], flags: { at?: string; for?: string; probability?: string; count?: number }): FaultOrder {
  const [kind, subject, ...rest] = argv
  if (kind === undefined || subject === undefined || rest.length > 0) throw new Refusal('usage.argument', 'name one kind of fault and one subject', `ovmcli sim fault KIND SUBJECT; kinds: ${Object.keys(faultKinds).join(' ')}`)
  return { farm, kind, subject, ...beginning(flags.at), forMs: durationMs(flags.for, '--for'), probability: share(flags.probability), count: flags.count ?? null }
}

function share(text: string | undefined): number | null {
  if (text === undefined) return null
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim())
  const value = match ? Number(match[1]) / (match[2] === '%' ? 100 : 1) : NaN
  if (value <= 1) return value
  throw new Refusal('usage.argument', `--probability: ${JSON.stringify(text.slice(0, 80))} is not a share of all`, 'write a number from 0 to 1, or 25%')
}
