import type { Account, AgentLog, Console, Discovered, FarmStatus, FarmTopology, Page, Permitted, ServerNic, ServerRepo } from '../contract/manager.js'
import type { HealthCheck } from '../contract/farms.js'
import { lookPermission, type RecordData } from '../contract/fields.js'
import { agentLogSchema, checkRequestSchema, consoleRequestSchema, discoverSchema, farmRequestSchema, listRequestSchema, mayRequestSchema, namedServersSchema, showRequestSchema, suggestRequestSchema, validate } from '../contract/requests.js'
import type { Callers } from './callers.js'
import { checkerOf } from './checks.js'
import { idsOf, listRecords, readStatus, readTopology, showRecords } from './looking.js'
import { mayDo } from './may.js'
import type { Parts } from './parts.js'
import { identify } from './principal.js'
import { suggestNames } from './suggest.js'

/** The calls of the Manager port that only look. */
export class Looks {
  /** @param refresh brings the records up to date before they are looked at */
  constructor(private readonly parts: Parts, private readonly callers: Callers, private readonly isSimulated: boolean, private readonly refresh: () => Promise<void>) {}

  async list(input: unknown): Promise<Page> {
    const request = validate(listRequestSchema, input)
    if (request.cursor === null && !request.follows) await this.refresh()
    const nowMs = await this.parts.clock.nowMs()
    return this.callers.looking(request.principal, lookPermission(request.kind), (reader, caller) => listRecords(reader, caller, request, nowMs))
  }

  async show(input: unknown): Promise<RecordData[]> {
    const request = validate(showRequestSchema, input)
    await this.refresh()
    return this.callers.looking(request.principal, lookPermission(request.kind), (reader, caller) => showRecords(reader, caller, request))
  }

  async check(input: unknown): Promise<HealthCheck[]> {
    const request = validate(checkRequestSchema, input)
    const checker = await checkerOf(request.kind)
    await this.refresh()
    const [ids, caller] = await this.callers.looking(request.principal, lookPermission(request.kind), async (reader, who) => [await idsOf(reader, who, request), who] as const)
    return checker(this.parts, ids, caller)
  }

  async console(input: unknown): Promise<Console> {
    const request = validate(consoleRequestSchema, input)
    await this.refresh()
    const { consoleOf } = await import('./guests/console.js')
    return this.callers.looking(request.principal, 'vm.look', (reader, caller) => consoleOf(reader, caller, request.name, request.password))
  }

  async serverNetwork(input: unknown): Promise<ServerNic[]> {
    const request = validate(namedServersSchema, input)
    await this.refresh()
    const ids = await this.callers.looking(request.principal, 'farm.look', (reader, caller) => idsOf(reader, caller, { kind: 'server', names: request.names }))
    return (await import('./servers/network.js')).networkOf(this.parts, ids)
  }

  async serverRepos(input: unknown): Promise<ServerRepo[]> {
    const request = validate(namedServersSchema, input)
    await this.refresh()
    const ids = await this.callers.looking(request.principal, 'farm.look', (reader, caller) => idsOf(reader, caller, { kind: 'server', names: request.names }))
    return (await import('./servers/repos.js')).reposOf(this.parts, ids)
  }

  async agentLog(input: unknown): Promise<AgentLog> {
    const request = validate(agentLogSchema, input)
    await this.refresh()
    const { agentLogOf } = await import('./servers/agent-log.js')
    return this.callers.looking(request.principal, 'farm.look', (reader, caller) => agentLogOf(reader, caller, request))
  }

  async whoAmI(input: unknown): Promise<Account> {
    const { principal } = validate(farmRequestSchema, input)
    return this.callers.looking(principal, 'farm.look', async (_, caller) => ({ ...caller, farm: this.parts.farm, simulated: this.isSimulated }))
  }

  async mayI(input: unknown): Promise<Permitted> {
    const request = validate(mayRequestSchema, input)
    return this.callers.asKnown(request.principal, () => this.parts.store.read(async reader => mayDo(reader, await identify(reader, request.principal), this.parts.farm, request)))
  }

  async suggest(input: unknown): Promise<string[]> {
    const request = validate(suggestRequestSchema, input)
    return this.callers.looking(request.principal, lookPermission(request.kind === 'tag' ? 'vm' : request.kind), (reader, caller) => suggestNames(reader, caller, request))
  }

  async discover(input: unknown): Promise<Discovered[]> {
    const request = validate(discoverSchema, input)
    const caller = await this.callers.looking(request.principal, `${request.kind}.register`, async (_, who) => who)
    await this.refresh()
    return (await import('./resources/register.js')).discover(this.parts, caller, request.kind, request.pool)
  }

  async farmStatus(input: unknown): Promise<FarmStatus> {
    const { principal, follows } = validate(farmRequestSchema, input)
    if (!follows) await this.refresh()
    const nowMs = await this.parts.clock.nowMs()
    return this.callers.looking(principal, 'farm.look', (reader, caller) => readStatus(reader, caller, this.parts.farm, nowMs))
  }

  async farmTopology(input: unknown): Promise<FarmTopology> {
    const { principal } = validate(farmRequestSchema, input)
    await this.refresh()
    return this.callers.looking(principal, 'farm.look', (reader, caller) => readTopology(reader, caller, this.parts.farm))
  }
}
