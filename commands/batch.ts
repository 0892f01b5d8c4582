import { createReadStream } from 'node:fs'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../src/cli/base-command.js'
import { runBatch } from '../src/cli/batch.js'
import { connection } from '../src/cli/connection.js'
import { passedOn } from '../src/cli/passed-on.js'
import { linesOf } from '../src/cli/lines.js'
import { readable } from '../src/cli/readable.js'
import { Refusal } from '../src/cli/refusal.js'

export default class Batch extends BaseCommand {
  static override summary = 'run many commands, one a line'
  static override description = `Runs the commands of a file, or of standard input, one a line, in one process: a command costs a millisecond or two. Blank lines and lines that begin with # are skipped; words are quoted as in a shell, nothing is expanded.

Prints one JSON line a command, as soon as it has ended: {"line","command","exit","result","error"}; result is what the command prints as JSON. Exit 0, or 6 when any line's exit was not 0. Global flags given here hold for every line that does not give them itself; --timeout is each line's own.`
  static override usage = '<%= command.id %> [FILE|-] [--stop-on-error]'
  static override examples = [
    { description: 'Two commands, one JSON line each', command: "printf 'vm start vm1\\nvm show vm1 --columns name,state\\n' | <%= config.bin %> batch" },
    { description: 'One command for each of a list, until one fails', command: "<%= config.bin %> vm list --state powered-off -o name | sed 's/^/vm start /' | <%= config.bin %> batch --stop-on-error" },
  ]
  static override output = 'batch-answer/line' as const
  static override acts = true
  static override strict = false
  static override flags = { 'stop-on-error': Flags.boolean({ description: 'run nothing after the first line that fails' }) }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<CommonFlags & { 'stop-on-error'?: boolean }>()
    if (argv.length > 1) throw new Refusal('usage.argument', 'a batch is one file, or standard input', 'ovmcli batch FILE, or ovmcli batch -')
    if (!['json', 'jsonl'].includes(this.look(flags).format) && !this.isDefault('output') && flags.output !== undefined) throw new Refusal('usage.argument', `batch prints JSON lines, and not ${flags.output}`, 'leave -o out, or give it to the lines')
    const [file = '-'] = argv
    const input = file === '-' ? process.stdin : createReadStream(readable(file))
    const close = await connection().keepOpen()
    try {
      return await runBatch(linesOf(input), { stopOnError: flags['stop-on-error'] ?? false, defaults: passedOn(this.defaults, this.givenGlobals(flags), { output: 'json', quiet: 'true' }), inIsFree: file !== '-', tell: line => this.tell(flags, line) })
    } finally {
      await close()
    }
  }
}
