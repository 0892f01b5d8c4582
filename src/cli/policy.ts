import type { Policy, PolicyChange } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { parseDurationMs } from '../model/units.js'
import { maxFailuresOf, orderTagOf } from './policy-flags.js'

/** Parsed flags that may be given anew when a run is taken up again. */
export interface TakeUpFlags { parallel?: number; 'on-error'?: string; 'max-failures'?: string; 'finish-by'?: string; 'lease-wait'?: string; strict?: boolean; 'no-wait'?: boolean; reason?: string; report?: string[] }
/** Parsed flags of a policy. */
export interface PolicyFlags extends TakeUpFlags { canary?: number; order?: string; 'dry-run'?: boolean }

/** The policy of flags. @throws Refusal usage.argument */
export function policyOf(flags: PolicyFlags, timeoutMs: number | null): Policy {
  if (flags['dry-run'] && flags['no-wait']) throw new Refusal('usage.argument', '--dry-run and --no-wait exclude each other', 'a dry run hands nothing over')
  const change = policyChangeOf(flags)
  return {
    parallel: change.parallel ?? null, onError: change.onError ?? 'continue', maxFailures: change.maxFailures ?? null, canary: flags.canary ?? null, orderTag: flags.order === undefined ? null : orderTagOf(flags.order),
    finishBy: change.finishBy ?? null, leaseWaitMs: change.leaseWaitMs ?? 0, strict: change.strict ?? false, dryRun: flags['dry-run'] ?? false, noWait: flags['no-wait'] ?? false, timeoutMs,
  }
}

/** What flags change of a recorded policy: only what was given. @throws Refusal usage.argument */
export function policyChangeOf(flags: TakeUpFlags): PolicyChange {
  return {
    ...(flags.parallel === undefined ? {} : { parallel: flags.parallel }), ...(flags['on-error'] === undefined ? {} : { onError: flags['on-error'] === 'stop' ? ('stop' as const) : ('continue' as const) }),
    ...(flags['max-failures'] === undefined ? {} : { maxFailures: maxFailuresOf(flags['max-failures']) }), ...(flags['finish-by'] === undefined ? {} : { finishBy: flags['finish-by'] }),
    ...(flags['lease-wait'] === undefined ? {} : { leaseWaitMs: parseDurationMs(flags['lease-wait'], '--lease-wait') }), ...(flags.strict ? { strict: true } : {}),
  }
}
