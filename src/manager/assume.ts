import type { AgentReply, AgentRequest, PoolAgent, PoolReport } from '../agent/protocol.js'
import type { Clock, FileWork, GuestFacts, Moment, Newcomers, Outcome, PowerOutcome, PowerPort, ServerPower, WorkTicket } from '../host/ports.js'
import type { ImportedFiles } from '../model/imported.js'
import { vmTransition } from '../model/vm-states.js'
import type { Joining, Masters } from './parts.js'
import { operationRow, vmVerb, type RunOperation } from '../model/operations.js'
import type { OperationOptions } from '../contract/requests.js'
import type { Reader } from '../store/store.js'
import type { Expectations } from './expectation.js'

function note(set: Set<string>, id: string, isIn: boolean): void {
  if (isIn) set.add(id)
  else set.delete(id)
}

const bytesPerMiB = 1_048_576

/** What files came of work that fetches some, as far as anybody knows: nobody looked. */
const assumedFiles: ImportedFiles = { sizeMiB: 0, guest: { type: 'pv', os: null, vcpus: 1, memoryMiB: 1, nics: [], disks: [], bootDevice: 'hdd', keyboard: null } }

/** Whether work on files takes as long as they are big. */
function copies(work: FileWork): boolean {
  return work.what === 'copy' || work.what === 'move'
}

/** Work that is assumed to be under way: it succeeds when it is due. */
interface Assumed { dueMs: number; serverId: string; outcome: Outcome | null; power: PowerOutcome | null }

/** A change of a guest, as far as its end is concerned. */
interface GuestWork { job: string; operation: RunOperation; vmId: string; serverId: string; targetServerId: string | null }
interface UnderWay extends GuestWork { type: 'pv' | 'hvm'; memoryMiB: number; startedAtMs: number; options: string }

/**
 * The agents, the power ports and the clock of a dry run: every change succeeds, after as long as it is expected to take. With
 * them the very code of a run works on a fork of the store, so that a dry run waits its turn, reserves capacity and refuses
 * exactly as the run would.
 */
export class Assumption implements Masters, Clock {
  private pending: Assumed[] = []
  /** servers that were switched off: they answer nobody */
  private readonly off = new Set<string>()
  /** servers whose agents were stopped: they answer nobody either */
  private readonly agentless = new Set<string>()

  constructor(private readonly real: Masters, private time: number, private readonly expectations: Expectations) {}

  /** A master whose pool does what it is told; what there is, the real one is asked. */
  of(poolId: string): Promise<PoolAgent> {
    return this.assumed(() => this.real.of(poolId), async greeting => (await this.real.of(poolId)).meet(greeting))
  }

  /** Of a pool that is only tried out the master is not a member yet: whom it would meet is met for it. */
  under(poolId: string, master: Joining, others: readonly Joining[] = []): Promise<PoolAgent> {
    return this.assumed(() => this.real.under(poolId, master, others), greeting => this.real.newcomers.meet(greeting))
  }

  private async assumed(real: () => Promise<PoolAgent>, meet: PoolAgent['meet']): Promise<PoolAgent> {
    return {
      dispatch: requests => this.dispatch(real, requests), report: async serverIds => this.report(serverIds), acknowledge: async () => {},
      known: async jobs => ({ jobs: jobs.map(({ job }) => job), silent: [] }), abort: async () => ({ jobs: [], silent: [] }), inspect: async vmIds => (await real()).inspect(vmIds),
      meet, describe: async serverIds => (await real()).describe(serverIds),
      survey: async asked => (await real()).survey(asked), rekey: async changes => (await real()).rekey(changes.filter(change => change.step === 'offer').map(change => ({ ...change, dry: true }))),
      enlist: async () => {}, enrol: async () => ({ silent: [] }), wipe: async () => {},
      mounted: async () => (await real()).mounted(), contents: async repoId => (await real()).contents(repoId),
      measure: async (serverId, order) => (await real()).measure(serverId, order), stored: async kinds => (await real()).stored(kinds),
    }
  }

  /** A server is asked what it is, and nothing more. */
  get newcomers(): Newcomers {
    return { meet: greeting => this.real.newcomers.meet(greeting), enlist: async () => {}, makeRoot: async () => ({ device: '', sizeMiB: 0, release: '' }) }
  }

  power(serverId: string): PowerPort {
    const begin = (ticket: WorkTicket, operation: RunOperation) => this.assumePower(ticket.job, serverId, operation, this.time)
    return {
      on: async ticket => begin(ticket, 'server.start'), off: async ticket => begin(ticket, 'server.stop'), cycle: async ticket => begin(ticket, 'server.restart'),
      startAgent: async ticket => begin(ticket, 'agent.start'), stopAgent: async ticket => begin(ticket, 'agent.stop'), restartAgent: async ticket => begin(ticket, 'agent.restart'),
      status: async () => (this.off.has(serverId) ? 'off' : 'on'), agent: async () => (this.off.has(serverId) || this.agentless.has(serverId) ? 'stopped' : 'running'), acknowledge: async () => {}, known: async jobs => [...jobs],
      outcomes: async () => this.take(one => one.power !== null && one.serverId === serverId).map(one => one.power!),
    }
  }

  async ringing(): Promise<string[]> {
    return []
  }

  async heard(): Promise<void> {}

  /** What is to be fetched is only asked for how big it is. */
  private async dispatch(real: () => Promise<PoolAgent>, requests: readonly AgentRequest[]): Promise<AgentReply[]> {
    const refused = await Promise.all(requests.map(async (request): Promise<AgentReply | null> => {
      if (!('work' in request) || !request.work.fetch) return null
      const measured = await (await real()).measure(request.serverId, request.work.fetch)
      if ('error' in measured) return { job: request.job, answer: 'refused', error: measured.error }
      const sizeMiB = Math.ceil((measured.bytes ?? 0) / bytesPerMiB)
      if (sizeMiB <= request.work.sizeMiB) return null
      return { job: request.job, answer: 'refused', error: { code: 'capacity.space', message: `the repository has ${request.work.sizeMiB} MiB free, ${sizeMiB} are needed for ${request.work.name}`, hint: 'repo list shows what there is; repo add extends it', details: null } }
    }))
    const begun = this.begin(requests.filter((_, at) => !refused[at]))
    return [...refused.filter(reply => reply !== null), ...begun]
  }

  private begin(requests: readonly AgentRequest[]): AgentReply[] {
    for (const request of requests) {
      if ('work' in request) {
        this.assumeFiles(request.job, request.work.objectId, request.serverId, this.time + this.expectations.expectedMs('vm.clone', false, { type: 'pv', memoryMiB: copies(request.work) ? request.work.sizeMiB : 0 }))
        continue
      }
      if (!('guest' in request)) {
        this.assumePower(request.job, request.serverId, request.operation, this.time)
        continue
      }
      // Other memory and virtual CPUs a guest has at once.
      this.assumeGuest({ ...request, vmId: request.guest.id }, this.time + this.expectations.expectedMs(request.operation, request.manner.force, request.guest))
    }
    return requests.map(({ job }) => ({ job, answer: 'begun', error: null }))
  }

  private report(serverIds: readonly string[]): PoolReport {
    const here = new Set(serverIds)
    return { fetching: [], outcomes: this.take(one => one.outcome !== null && here.has(one.serverId)).map(one => one.outcome!), notices: [], silent: serverIds.filter(id => this.off.has(id) || this.agentless.has(id)) }
  }

  async nowMs(): Promise<number> {
    return this.time
  }

  async openSession(): Promise<string> {
    return 'assumed'
  }

  async closeSession(): Promise<void> {}

  async wait(_session: string, untilMs: number | null): Promise<Moment> {
    const next = Math.min(untilMs ?? Infinity, ...this.pending.map(one => one.dueMs))
    if (next === Infinity) return { nowMs: this.time, serverIds: [], idle: true }
    this.time = Math.max(this.time, next)
    const due = this.pending.filter(one => one.dueMs <= this.time)
    for (const { serverId, power } of due) {
      if (!power) continue
      note(this.off, serverId, power.power === 'off')
      note(this.agentless, serverId, power.agent === 'stopped')
    }
    return { nowMs: this.time, serverIds: [...new Set(due.map(one => one.serverId))], idle: this.pending.length === 0 }
  }

  async living(sessions: readonly string[]): Promise<string[]> {
    return [...sessions]
  }

  /** Work that is under way already, of runs that are not tried out: it ends well too. Servers that are being emptied are left alone. */
  async assumeUnderWay(reader: Reader): Promise<void> {
    const rows = await reader.select<UnderWay>(
      { job: 'i.job', operation: 'i.operation', vmId: 'g.id', type: 'g.type', memoryMiB: 'g.memory_mib', serverId: 'i.server_id', targetServerId: 'i.target_server_id', startedAtMs: 'i.started_at', options: 'u.options' },
      `from item i join run u on u.id = i.run join vm g on g.id = i.target_id where i.lease is not null and i.kind = 'vm' and i.server_id is not null`)
    for (const row of rows) {
      if (operationRow(row.operation).way === 'files') continue
      const { force } = JSON.parse(row.options) as OperationOptions
      await this.expectations.learn(reader, row.operation, force)
      this.assumeGuest(row, Math.max(this.time, row.startedAtMs + this.expectations.expectedMs(row.operation, force, row)))
    }
    const files = await reader.select<{ job: string; objectId: string; serverId: string }>({ job: 'i.job', objectId: 'i.target_id', serverId: 'i.server_id' }, 'from item i where i.lease is not null and i.undo is not null')
    for (const { job, objectId, serverId } of files) this.assumeFiles(job, objectId, serverId, this.time + this.expectations.expectedMs('vm.clone', false, { type: 'pv', memoryMiB: 0 }))
    const servers = await reader.select<{ job: string; operation: RunOperation; serverId: string; startedAtMs: number }>(
      { job: 'i.job', operation: 'i.operation', serverId: 'i.target_id', startedAtMs: 'i.started_at' }, `from item i where i.lease is not null and i.kind = 'server' and i.step <> 'evacuating'`)
    for (const { job, operation, serverId, startedAtMs } of servers) {
      await this.expectations.learn(reader, operation, false)
      this.assumePower(job, serverId, operation, startedAtMs)
    }
  }

  private assumeGuest(work: GuestWork, dueMs: number): void {
    const state = work.operation === 'vm.update' ? 'running' : vmTransition(vmVerb(work.operation)).to!
    const off = state === 'powered-off' || state === 'suspended'
    const facts: GuestFacts = { vmId: work.vmId, state, serverId: off ? null : (work.targetServerId ?? work.serverId), domainId: null, vncPort: null, startedAtMs: off ? null : this.time }
    this.pending.push({ dueMs, serverId: work.serverId, power: null, outcome: { job: work.job, serverId: work.serverId, endedAtMs: dueMs, error: null, facts } })
  }

  private assumeFiles(job: string, objectId: string, serverId: string, dueMs: number): void {
    const facts: GuestFacts = { vmId: objectId, state: 'powered-off', serverId: null, domainId: null, vncPort: null, startedAtMs: null }
    this.pending.push({ dueMs, serverId, power: null, outcome: { job, serverId, endedAtMs: dueMs, error: null, facts, came: assumedFiles } })
  }

  private assumePower(job: string, serverId: string, operation: RunOperation, startedAtMs: number): void {
    const power: ServerPower = operation === 'server.stop' ? 'off' : 'on'
    const dueMs = Math.max(this.time, startedAtMs + this.expectations.expectedMs(operation, false, { type: 'pv', memoryMiB: 0 }))
    this.pending.push({ dueMs, serverId, outcome: null, power: { job, serverId, endedAtMs: dueMs, error: null, power, agent: power === 'off' || operation === 'agent.stop' ? 'stopped' : 'running' } })
  }

  /** Takes out what is due and wanted. */
  private take(wanted: (one: Assumed) => boolean): Assumed[] {
    const taken: Assumed[] = []
    const left: Assumed[] = []
    for (const one of this.pending) (one.dueMs <= this.time && wanted(one) ? taken : left).push(one)
    this.pending = left
    return taken
  }
}
