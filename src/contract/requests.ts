import * as v from 'valibot'
import { Refusal } from '../model/errors.js'
import { runOperations } from '../model/operations.js'
import { resourceKinds } from '../model/operations/resources.js'
import { permissions, type Permission } from '../model/permissions.js'
import { longestDurationMs } from '../model/units.js'
import { vmStates } from '../model/vm-states.js'
import { recordKinds } from './fields.js'

const text = v.pipe(v.string(), v.maxLength(4_096, 'longer than 4,096 characters'))
const texts = v.pipe(v.array(text), v.maxLength(200_000))
const fewTexts = v.pipe(v.array(text), v.maxLength(2_000, 'more than 2,000'))
// Whole numbers are such that a database holds them as they are.
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER, 'not a number that is counted with'))
const atLeastOne = v.pipe(count, v.minValue(1))
const durationMs = v.pipe(count, v.maxValue(longestDurationMs))

/**
 * Who asks: every call carries it, and the manager checks it. `password`: of a user who has one, in clear; nothing of it is kept or
 * told. `asked`: somebody sits there who can be asked for it, so that its lack is not yet a refusal to be recorded.
 */
export const principalSchema = v.strictObject({ user: text, password: v.exactOptional(v.pipe(v.string('not a text'), v.maxLength(4_096, 'longer than 4,096 characters'))), asked: v.exactOptional(v.boolean()) })

/** The narrowing flags that lists and selections share; several values of one mean any of them, several flags mean and. */
export const narrowingSchema = v.strictObject({
  pools: fewTexts, servers: fewTexts, states: fewTexts, tags: fewTexts, filters: fewTexts, exclude: fewTexts,
})

/** A place among the records of a kind, as a page gave it: means something to the manager alone. */
const positionText = v.pipe(v.string(), v.maxLength(200_000, 'longer than 200,000 characters'))

/** Whoever follows by awaitChange need not have the records brought up to date for every question: that call did it. */
const following = { follows: v.exactOptional(v.boolean()) }

/** What is to be listed. */
export const listRequestSchema = v.strictObject({
  ...following,
  /**
   * Jobs and runs that began, and events that happened, since and until a moment: a time, or a duration back from the farm's
   * clock (`2010-07-28T04:00:00Z`, `04:00`, `1h`).
   */
  since: v.exactOptional(text),
  until: v.exactOptional(text),
  /**
   * For one who follows events or jobs, in the order in which they came: only what may be new since the position that a page gave
   * before; null for all there is. Without it a page gives no position.
   */
  after: v.exactOptional(v.nullable(positionText)),
  principal: principalSchema,
  kind: v.picklist(recordKinds),
  narrowing: narrowingSchema,
  columns: v.nullable(texts),
  sort: v.nullable(text),
  limit: v.nullable(count),
  cursor: v.nullable(text),
})

/** What is to be shown whole, by name, id or `pool/name`. */
export const showRequestSchema = v.strictObject({ principal: principalSchema, kind: v.picklist(recordKinds), names: texts, columns: v.nullable(texts) })

/** What names are suggested of: records of a kind, or tags of guests. */
export const suggestedKinds = [...recordKinds, 'tag'] as const

/** Which names begin so: those of records, `pool/name` when the prefix holds a slash, or tags (`key`, and `key=value` when it holds an equals sign). */
export const suggestRequestSchema = v.strictObject({ principal: principalSchema, kind: v.picklist(suggestedKinds), prefix: text, limit: atLeastOne })

/** A target as somebody wrote it: a name, id, `pool/name` or glob; or, from a JSON line, an id or a name taken literally. */
export const targetRefSchema = v.union([text, v.strictObject({ id: text }), v.strictObject({ name: text, pool: v.nullable(text) })])

/** Which objects an acting verb is aimed at (cli.md, "Selecting targets"). */
export const selectorSchema = v.strictObject({
  targets: v.pipe(v.array(targetRefSchema), v.maxLength(400_000)),
  /** a list was given (--from), so that no targets means none, and not all that is narrowed to */
  listed: v.boolean(),
  all: v.boolean(),
  narrowing: narrowingSchema,
  ignoreMissing: v.boolean(),
  allowEmpty: v.boolean(),
})

/** Limits on what a run may touch, checked before anything is done. `confirmed`: somebody said yes. */
export const guardsSchema = v.strictObject({
  expect: v.nullable(count), maxTargets: v.nullable(count), maxSharePercent: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(100))), confirmed: v.boolean(),
})

/** How many failures a run bears: a number, or a share of its targets. */
const maxFailuresSchema = v.union([v.strictObject({ count }), v.strictObject({ percent: v.pipe(v.number(), v.minValue(0), v.maxValue(100)) })])

/** How a run goes about its targets (cli.md, "Policy of a run"). */
export const policySchema = v.strictObject({
  parallel: v.nullable(atLeastOne),
  onError: v.picklist(['continue', 'stop']),
  /** start nothing more when more than this have failed */
  maxFailures: v.nullable(maxFailuresSchema),
  /** this many alone first; the rest only if all of them succeed */
  canary: v.nullable(atLeastOne),
  /** the key of a tag: its values one after the other */
  orderTag: v.nullable(text),
  /** a time (`2010-07-28T04:00:00Z`, `04:00`, `+2h`) on the farm's clock: nothing begins that is not expected to end before it */
  finishBy: v.nullable(text),
  /** how long to wait for another change of a target to end, in milliseconds of farm time */
  leaseWaitMs: durationMs,
  strict: v.boolean(),
  dryRun: v.boolean(),
  noWait: v.boolean(),
  /** how long the whole command may take, in milliseconds of farm time */
  timeoutMs: v.nullable(durationMs),
})

/** Texts by name. Not `v.record`, which silently leaves out a name such as `constructor`. */
const textsByName = v.custom<Record<string, string>>(given => typeof given === 'object' && given !== null && Object.entries(given).every(entry => entry.every(one => v.is(text, one))), 'not an object of texts')

/** Tags to be set and taken away (vm update). */
export const tagChangeSchema = v.strictObject({ set: textsByName, unset: texts })

/** Flags of single operations; null or false where the operation has none. */
export const operationOptionsSchema = v.strictObject({
  force: v.boolean(),
  graceMs: v.nullable(durationMs),
  forceAfterMs: v.nullable(durationMs),
  /** a server's name or id, or `auto` (migrate) */
  to: v.nullable(text),
  /** a server's name or id (start, resume) */
  on: v.nullable(text),
  /** move the guests away first (server stop, restart) */
  evacuate: v.boolean(),
  tags: v.nullable(tagChangeSchema),
  /** a repository of the target's pool, by id, device or uuid (vm move) */
  repo: v.exactOptional(text),
  /** a secret that the operation sets (vm update --console-password-file): kept apart from the run, and no longer than until it is carried out */
  secret: v.exactOptional(text),
  /** what only this operation has, in the shape that its room under details/ says: the fields of what it makes or changes */
  details: v.exactOptional(v.unknown()),
})

/** A run: one operation on the targets of a selector, under guards and a policy. */
export const runRequestSchema = v.strictObject({
  principal: principalSchema,
  requestKey: text,
  operation: v.picklist(runOperations),
  selector: selectorSchema,
  options: operationOptionsSchema,
  guards: guardsSchema,
  policy: policySchema,
  reason: v.nullable(text),
})

/** What of a recorded policy is to be otherwise when a run is taken up again; what is left out stays as it was. */
export const policyChangeSchema = v.partial(v.omit(policySchema, ['dryRun', 'timeoutMs', 'noWait', 'canary', 'orderTag']))

/** Take up an interrupted run where it was cut. The deadline and waiting are those of this request, not of the first. */
export const resumeRunSchema = v.strictObject({ principal: principalSchema, run: text, change: policyChangeSchema, timeoutMs: v.nullable(durationMs), noWait: v.boolean() })

/** Begin a new run over what failed or was not attempted in another. */
export const retryRunSchema = v.strictObject({ ...resumeRunSchema.entries, requestKey: text, reason: v.nullable(text) })

/** Take back what a run really changed. The policy is that of this request. */
export const undoRunSchema = v.strictObject({ principal: principalSchema, run: text, requestKey: text, confirmed: v.boolean(), policy: policySchema, reason: v.nullable(text) })

/** Follow a run from a revision of it; returns when something changed, or it ended. */
export const followRequestSchema = v.strictObject({ principal: principalSchema, run: text, afterRevision: count })

/** The report of a run. */
export const reportRequestSchema = v.strictObject({ ...following, principal: principalSchema, run: text })

/** What can be waited for. */
export const waitGoals = [...vmStates, 'stopped', 'settled'] as const

/** Wait until guests are in a state; `stopped` is powered off or suspended, `settled` any state in which nothing is under way. */
export const waitRequestSchema = v.strictObject({
  principal: principalSchema, selector: selectorSchema, for: v.picklist(waitGoals), orFail: v.boolean(), timeoutMs: v.nullable(durationMs),
})

/** Where the console of a guest is, by name, id or `pool/name`; `password`: with it. */
export const consoleRequestSchema = v.strictObject({ principal: principalSchema, name: text, password: v.boolean() })

/** What lies in repositories and could be registered as a kind, in one pool or (null) in all that the principal may. */
export const discoverSchema = v.strictObject({ principal: principalSchema, kind: v.picklist(resourceKinds), pool: v.nullable(text) })

/** A question about the whole farm. */
export const farmRequestSchema = v.strictObject({ ...following, principal: principalSchema })

/** Wait until jobs end, by their ids. */
export const jobWaitSchema = v.strictObject({ principal: principalSchema, jobs: texts, timeoutMs: v.nullable(durationMs) })

/** Abort jobs, by their ids: undo them, or let them end where that is too late; and wait until they have ended. */
export const abortSchema = v.strictObject({ principal: principalSchema, jobs: v.pipe(texts, v.minLength(1, 'names none')), reason: v.nullable(text), timeoutMs: v.nullable(durationMs) })

/** The longest that one call may wait for a change, in milliseconds of real time. */
export const longestAwaitMs = 3_600_000

/** Await a change since a revision (null: tell the revision at once), for so long at most, in milliseconds of real time. */
export const changeRequestSchema = v.strictObject({ principal: principalSchema, afterRevision: v.nullable(text), waitMs: v.pipe(durationMs, v.maxValue(longestAwaitMs)) })

/** Taking a run up again: permitted to whoever sees the run and may do what it does to each of its targets. */
export type TakeUp = 'run.resume' | 'run.retry' | 'run.undo'
/** What somebody may be permitted to do: what has a row in the table of permissions, taking a run up, or aborting a job. */
export type Action = Permission | TakeUp | 'job.abort'
/** Everything that somebody may be permitted to do. */
export const actions: readonly Action[] = [...permissions, 'run.resume', 'run.retry', 'run.undo', 'job.abort']

/** A question whether the principal may do something at all, or, with a `name` (or id, or pool/name) of a kind, to that object. */
export const mayRequestSchema = v.strictObject({ principal: principalSchema, action: v.picklist(actions), kind: v.nullable(v.picklist(recordKinds)), name: v.nullable(text) })

/** The farm's clock is to move by an amount, follow the wall clock at a rate, or stand still. */
export const clockRequestSchema = v.strictObject({ principal: principalSchema, advanceMs: v.nullable(durationMs), rate: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1_000_000))) })

/** What is to be held against what servers say: records of a kind, by name, id or `pool/name`; none named means all. */
export const checkRequestSchema = v.strictObject({ principal: principalSchema, kind: v.picklist(recordKinds), names: texts })

/** Which servers are asked about, by name, id or `pool/name`; none named means all. */
export const namedServersSchema = v.strictObject({ principal: principalSchema, names: texts })

/** The last lines of the log of a server's agent. */
export const agentLogSchema = v.strictObject({ principal: principalSchema, name: text, lines: v.pipe(count, v.minValue(1, 'less than 1'), v.maxValue(100_000, 'more than 100,000')) })

export type NamedServersRequest = v.InferOutput<typeof namedServersSchema>
export type AgentLogRequest = v.InferOutput<typeof agentLogSchema>
export type Principal = v.InferOutput<typeof principalSchema>
export type Narrowing = v.InferOutput<typeof narrowingSchema>
export type CheckRequest = v.InferOutput<typeof checkRequestSchema>
export type ConsoleRequest = v.InferOutput<typeof consoleRequestSchema>
export type ListRequest = v.InferOutput<typeof listRequestSchema>
export type ShowRequest = v.InferOutput<typeof showRequestSchema>
export type SuggestRequest = v.InferOutput<typeof suggestRequestSchema>
export type SuggestedKind = SuggestRequest['kind']
export type TargetRef = v.InferOutput<typeof targetRefSchema>
export type Selector = v.InferOutput<typeof selectorSchema>
export type RunRequest = v.InferOutput<typeof runRequestSchema>
export type OperationOptions = v.InferOutput<typeof operationOptionsSchema>
export type Policy = v.InferOutput<typeof policySchema>
export type PolicyChange = v.InferOutput<typeof policyChangeSchema>
export type ResumeRequest = v.InferOutput<typeof resumeRunSchema>
export type RetryRequest = v.InferOutput<typeof retryRunSchema>
export type UndoRequest = v.InferOutput<typeof undoRunSchema>
export type FollowRequest = v.InferOutput<typeof followRequestSchema>
export type ReportRequest = v.InferOutput<typeof reportRequestSchema>
export type WaitRequest = v.InferOutput<typeof waitRequestSchema>
export type AbortRequest = v.InferOutput<typeof abortSchema>
export type JobWaitRequest = v.InferOutput<typeof jobWaitSchema>
export type ChangeRequest = v.InferOutput<typeof changeRequestSchema>
export type DiscoverRequest = v.InferOutput<typeof discoverSchema>
export type FarmRequest = v.InferOutput<typeof farmRequestSchema>
export type MayRequest = v.InferOutput<typeof mayRequestSchema>
export type ClockRequest = v.InferOutput<typeof clockRequestSchema>

/** A narrowing that narrows nothing. */
export const noNarrowing: Narrowing = { pools: [], servers: [], states: [], tags: [], filters: [], exclude: [] }

/** The request itself when it has the shape of the contract. @throws Refusal usage.request naming each fault */
export function validate<S extends v.GenericSchema>(schema: S, request: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, request, { abortPipeEarly: true })
  if (result.success) return result.output
  const faults = result.issues.slice(0, 20).map(issue => `${v.getDotPath(issue) ?? 'request'}: ${issue.message}`)
  throw new Refusal('usage.request', `the request does not have the shape of the contract: ${faults[0]}`, null, { faults })
}
