import * as v from 'valibot'
import type { Manager } from '../manager.js'
import {
  abortSchema, agentLogSchema, changeRequestSchema, checkRequestSchema, clockRequestSchema, consoleRequestSchema, discoverSchema, farmRequestSchema, followRequestSchema, jobWaitSchema, listRequestSchema, mayRequestSchema, namedServersSchema, reportRequestSchema, resumeRunSchema,
  retryRunSchema, runRequestSchema, showRequestSchema, suggestRequestSchema, undoRunSchema, waitRequestSchema,
} from '../requests.js'
import { consoleShape } from '../shapes/console.js'
import { discoveredShape } from '../shapes/discovered.js'
import { clockReadingShape, farmStatusShape, farmTopologyShape } from '../shapes/farm.js'
import { changeNoticeShape, jobsWaitedShape, pageShape, recordsShape, runHandleShape, runProgressShape } from '../shapes/port.js'
import { reportShape } from '../shapes/report.js'
import { agentLogShape, serverNicShape, serverRepoShape } from '../shapes/servers.js'
import { accountShape, healthCheckShape, permittedShape } from '../shapes/who.js'

/**
 * What becomes of a call whose answer was lost. `again`: asking again does no harm: it reads, sets what is so already, or carries
 * a request key that the manager has recorded. `once`: it must not be carried out a second time.
 */
export type Repeat = 'again' | 'once'

/** A method of the port as the wire knows it: the shape of its request, of its answer (null: none), and whether it may be repeated. */
export interface PortMethod { request: v.StrictObjectSchema<v.ObjectEntries, undefined>; answer: v.GenericSchema | null; repeat: Repeat; meaning: string }

/** A method of the port that crosses the wire: closing is the client's own affair, and ending a wait is closing its connection. */
export type WireMethod = Exclude<keyof Manager, 'close' | 'stopAwaiting'>

/** The methods of the port that cross the wire, in the order of the port. Codec, WSDL, validation and docs walk this table. */
export const portMethods = {
  list: { request: listRequestSchema, answer: pageShape, repeat: 'again', meaning: 'one page of the records of a kind, filtered, sorted and cut by the manager' },
  show: { request: showRequestSchema, answer: recordsShape, repeat: 'again', meaning: 'whole records by name, id or pool/name, in that order' },
  check: { request: checkRequestSchema, answer: v.array(healthCheckShape), repeat: 'again', meaning: 'holds records against what servers say' },
  console: { request: consoleRequestSchema, answer: consoleShape, repeat: 'again', meaning: 'where the console of a guest is' },
  serverNetwork: { request: namedServersSchema, answer: v.array(serverNicShape), repeat: 'again', meaning: 'the network cards of servers, with their bridges and what goes over them' },
  serverRepos: { request: namedServersSchema, answer: v.array(serverRepoShape), repeat: 'again', meaning: 'what servers have mounted' },
  agentLog: { request: agentLogSchema, answer: agentLogShape, repeat: 'again', meaning: "what a server's agent was told, and how it ended" },
  discover: { request: discoverSchema, answer: v.array(discoveredShape), repeat: 'again', meaning: 'what lies in repositories and could be registered' },
  whoAmI: { request: farmRequestSchema, answer: accountShape, repeat: 'again', meaning: 'who is logged in' },
  mayI: { request: mayRequestSchema, answer: permittedShape, repeat: 'again', meaning: 'whether who is logged in may do something, and why' },
  suggest: { request: suggestRequestSchema, answer: v.array(v.string()), repeat: 'again', meaning: 'names that begin so' },
  farmStatus: { request: farmRequestSchema, answer: farmStatusShape, repeat: 'again', meaning: 'the state of the whole farm' },
  farmTopology: { request: farmRequestSchema, answer: farmTopologyShape, repeat: 'again', meaning: 'what a drawing of the farm shows' },
  startRun: { request: runRequestSchema, answer: runHandleShape, repeat: 'again', meaning: 'begins a run: one operation on the targets of a selector; the same request key again gives the same run' },
  resumeRun: { request: resumeRunSchema, answer: runHandleShape, repeat: 'again', meaning: 'takes an interrupted run up where it was cut' },
  retryRun: { request: retryRunSchema, answer: runHandleShape, repeat: 'again', meaning: 'a new run over what failed or was not attempted in another' },
  undoRun: { request: undoRunSchema, answer: runHandleShape, repeat: 'again', meaning: 'a new run that takes back what another really changed' },
  followRun: { request: followRequestSchema, answer: runProgressShape, repeat: 'again', meaning: 'comes back when the run has moved on from a revision, or ended, and after a while' },
  runReport: { request: reportRequestSchema, answer: reportShape, repeat: 'again', meaning: 'the report of a run' },
  waitForVms: { request: waitRequestSchema, answer: reportShape, repeat: 'again', meaning: 'waits until guests are in a state' },
  waitForJobs: { request: jobWaitSchema, answer: jobsWaitedShape, repeat: 'again', meaning: 'waits until jobs have ended' },
  abortJobs: { request: abortSchema, answer: jobsWaitedShape, repeat: 'once', meaning: 'aborts jobs and waits for them' },
  awaitChange: { request: changeRequestSchema, answer: changeNoticeShape, repeat: 'again', meaning: 'comes back when the records may have changed since a revision, and after a while' },
  moveClock: { request: clockRequestSchema, answer: clockReadingShape, repeat: 'once', meaning: 'moves the clock of a simulated farm, or lets it follow the wall clock' },
  interruptRun: { request: reportRequestSchema, answer: null, repeat: 'again', meaning: 'begins nothing more of a run; what is under way is recorded' },
} as const satisfies { [M in WireMethod]: PortMethod & { answer: Answers<M> } }

type Answers<M extends WireMethod> = Awaited<ReturnType<Manager[M]>> extends infer A ? (A extends void ? null : v.GenericSchema<unknown, A>) : never

/** The methods by name, in that order. */
export const wireMethods = Object.keys(portMethods) as WireMethod[]

/** The request as it crosses the wire: who asks is who logged in, and never what a request says. */
export function wireRequest(method: WireMethod): v.GenericSchema {
  const { principal: _, ...entries } = portMethods[method].request.entries as v.ObjectEntries
  return v.strictObject(entries)
}
