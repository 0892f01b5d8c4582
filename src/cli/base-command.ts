import { Command } from '@oclif/core/command'
import type { FarmKeeper } from '../contract/farms.js'
import type { Manager } from '../contract/manager.js'
import type { Principal } from '../contract/requests.js'
import { parseDurationMs } from '../model/units.js'
import { connection, homeFolder } from './connection.js'
import { globalFlags, type Format } from './global-flags.js'
import type { Look } from './render.js'
import { say } from './streams.js'

/** What every command knows of its flags. */
export interface CommonFlags {
  output?: string; json?: boolean; columns?: string; 'no-header'?: boolean; user: string; farm?: string; timeout?: string; quiet?: boolean; verbose?: boolean; 'no-color'?: boolean
}

/** The base of every command: parse → one call on the manager → render; run() returns the exit code. */
export abstract class BaseCommand extends Command {
  static override baseFlags = globalFlags
  private openManager: Manager | null = null

  abstract override run(): Promise<number>

  /** The words of the command, parsed by its flags; `F` is what those flags give. @throws oclif's parse errors */
  protected async words<F extends CommonFlags>(): Promise<{ flags: F; argv: string[] }> {
    // oclif copies own statics only: what a family of commands inherits has to be handed over by name.
    const { flags: own, baseFlags, strict } = this.ctor
    const { flags, raw, argv } = await this.parse({ flags: own, baseFlags, strict } as never)
    // oclif sorts its argv by where a word first stands, flag values included; the tokens keep the order given.
    const names = raw.flatMap(token => (token.type === 'arg' ? [token.input] : []))
    return { flags: flags as unknown as F, argv: names.length === argv.length ? names : (argv as string[]) }
  }

  /** The manager that the flags name. */
  protected async manager(flags: CommonFlags): Promise<Manager> {
    this.openManager ??= await connection().openManager({ home: homeFolder(), farm: flags.farm ?? null })
    return this.openManager
  }

  /** The keeper of the embedded farms. */
  protected keeper(): Promise<FarmKeeper> {
    return connection().openKeeper(homeFolder())
  }

  protected principal(flags: CommonFlags): Principal {
    return { user: flags.user }
  }

  protected look(flags: CommonFlags): Look {
    const format = (flags.json ? 'json' : (flags.output ?? 'table')) as Format
    return {
      format, columns: flags.columns === undefined ? null : flags.columns.split(',').map(name => name.trim()).filter(name => name !== ''), header: !flags['no-header'],
      color: process.stdout.isTTY === true && !flags['no-color'] && !process.env['NO_COLOR'],
    }
  }

  protected timeoutMs(flags: CommonFlags): number | null {
    return flags.timeout === undefined ? null : parseDurationMs(flags.timeout, '--timeout')
  }

  /** Talk, not data: stderr, and not with --quiet. */
  protected tell(flags: CommonFlags, line: string): void {
    if (!flags.quiet) say(line)
  }

  /** Closes what the command opened. */
  async release(): Promise<void> {
    await this.openManager?.close()
    this.openManager = null
  }
}
