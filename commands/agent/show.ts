import { BaseCommand } from '../../src/cli/base-command.js'
import { Refusal } from '../../src/cli/refusal.js'
import { renderObject, renderRows } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'

/** Where agents listen (seed: "The Oracle VM Agent's default listening port is 8899"). */
const agentPort = 8_899

export default class AgentShow extends BaseCommand {
  static override summary = 'show the agents of servers'
  static override description = 'Shows where the agent of a server listens, its version, how it is, and the roles it has. One name gives an object, several an array.'
  static override usage = '<%= command.id %> NAME...'
  static override examples = ['<%= config.bin %> agent show ovs1', { description: 'How it is, for a script', command: '<%= config.bin %> agent show ovs2 -o json --query state' }]
  static override strict = false
  static override output = 'agent' as const

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    if (argv.length === 0) throw new Refusal('usage.argument', 'name the server whose agent is to be shown', 'server list shows what there is')
    const look = this.look(flags)
    const servers = await (await this.manager(flags)).show({ principal: this.principal(flags), kind: 'server', names: argv, columns: ['name', 'pool', 'address', 'agentVersion', 'agentState', 'state', 'roles'] })
    const agents = servers.map(server => ({ server: server['name'], pool: server['pool'], address: server['address'], port: agentPort, version: server['agentVersion'], state: server['agentState'], serverState: server['state'], roles: server['roles'] }))
    const [only] = agents
    await writeOut(agents.length === 1 ? await renderObject(null, only!, look) : await renderRows(null, agents, Object.keys(only!), look))
    return 0
  }
}
