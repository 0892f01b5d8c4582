import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { durationMs } from '../../src/cli/duration-flag.js'
import { renderObject } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'
import { Refusal } from '../../src/cli/refusal.js'

export default class SimClock extends BaseCommand {
  static override summary = 'show or move the clock of the simulated farm'
  static override description = 'Without flags shows the clock. It stands still between commands; --advance moves it and does what falls due, --rate makes it follow the wall clock, --pause stops that.'
  static override examples = [
    '<%= config.bin %> sim clock',
    { description: 'Move it on', command: '<%= config.bin %> sim clock --advance 5m' },
    { description: 'Let a minute pass every second, and stand still again', command: '<%= config.bin %> sim clock --rate 60 && ovmcli sim clock --pause' },
  ]
  static override output = 'clock-reading' as const
  static override acts = true
  static override flags = {
    advance: Flags.string({ helpValue: 'DURATION', description: 'move it by this long' }),
    rate: Flags.string({ helpValue: 'N', description: 'farm seconds a wall second' }),
    pause: Flags.boolean({ description: 'let it stand still again' }),
  }

  async run(): Promise<number> {
    const { flags } = await this.words<CommonFlags & { advance?: string; rate?: string; pause?: boolean }>()
    const given = [flags.advance, flags.rate, flags.pause].filter(value => value !== undefined && value !== false)
    if (given.length > 1) throw new Refusal('usage.argument', '--advance, --rate and --pause exclude each other')
    const rate = flags.rate === undefined ? null : /^\d{1,7}(\.\d{1,9})?$/.test(flags.rate) ? Number(flags.rate) : NaN
    if (rate !== null && !(rate > 0 && rate <= 1_000_000)) throw new Refusal('usage.argument', `--rate: ${JSON.stringify(flags.rate)} is not a number above 0, at most 1000000`)
    const manager = await this.manager(flags)
    const reading = await manager.moveClock({ principal: this.principal(flags), advanceMs: durationMs(flags.advance, '--advance'), rate: flags.pause ? 0 : rate })
    await writeOut(await renderObject(null, { ...reading }, this.look(flags)))
    return 0
  }
}
