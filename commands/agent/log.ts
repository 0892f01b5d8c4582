import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { Refusal } from '../../src/cli/refusal.js'
import { answer } from '../../src/cli/render.js'
import { printable, writeOut } from '../../src/cli/streams.js'

export default class AgentLog extends BaseCommand {
  static override summary = "print the log of a server's agent"
  static override description = 'Prints what the agent of a server was told to do, how it ended, and what befell its server, the last lines of it, oldest first. It can be read while the agent is down. For managers of its pool.'
  static override usage = '<%= command.id %> NAME [FLAGS]'
  static override examples = ['<%= config.bin %> agent log ovs1', { description: 'What went wrong there', command: '<%= config.bin %> agent log ovs1 --lines 1000' }]
  static override exampleFarm = ['vm start --pool pool1']
  static override strict = false
  static override output = 'agent-log' as const
  static override flags = { lines: Flags.integer({ helpValue: 'N', min: 1, default: 50, description: 'so many of the last lines' }) }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<CommonFlags & { lines: number }>()
    const [name, ...more] = argv
    if (name === undefined || more.length > 0) throw new Refusal('usage.argument', 'name one server whose log is to be printed', 'server list shows what there is')
    const look = this.look(flags)
    const log = await (await this.manager(flags)).agentLog({ principal: this.principal(flags), name, lines: flags.lines })
    if (look.format === 'json' || look.format === 'yaml') await writeOut(await answer(log, look))
    else if (look.format === 'jsonl') await writeOut(`${JSON.stringify(log)}\n`)
    else await writeOut(log.lines.map(line => `${printable(line)}\n`).join(''))
    return 0
  }
}
