import { Command } from '@oclif/core/command'
import type { FarmKeeper } from '../contract/farms.js'
import type { Manager } from '../contract/manager.js'
import type { Principal } from '../contract/requests.js'
import type { ServiceKeeper } from '../contract/service.js'
import type { OutputName } from '../contract/shapes/outputs.js'
import { parseDurationMs } from '../model/units.js'
import { connection } from './connection.js'
import { noDefaults, type Defaults } from './defaults.js'
import { elsewhere } from './elsewhere.js'
import { globalFlags, type Format } from './global-flags.js'
import { principalOf } from './login.js'
import { tooMuch } from './parse-refusal.js'
import { homeFolder } from './places.js'
import { currentProfile, readProfile } from './profiles.js'
import type { Query } from './query.js'
import { Refusal } from './refusal.js'
import type { Look } from './render.js'
import { quoted } from './shell-words.js'
import { outWidth, say, streams } from './streams.js'
import { targetOf, type Target } from './target.js'
import { wordsApart } from './words-apart.js'

/** What every command knows of its flags. */
export interface CommonFlags {
  output?: string; json?: boolean; columns?: string; query?: string; 'no-header'?: boolean; user: string; 'password-file'?: string; farm?: string; profile?: string; manager?: string; ca?: string; timeout?: string; quiet?: boolean; verbose?: boolean; 'no-color'?: boolean
}

/** Flags as oclif's parser gets them: what the environment says is read by us, since it would take any text for a truth value. */
const parsedBase = withoutEnv(globalFlags)

/** The base of every command: parse → one call on the manager → render; run() returns the exit code. */
export abstract class BaseCommand extends Command {
  static override baseFlags = globalFlags
  /** It prints a list: the defaults of sort, filter, limit and columns are for it. */
  static readonly isList: boolean = false
  /** What it prints as JSON; a test wants every command to say. */
  static output: OutputName | null = null
  /** Whether it changes something. */
  static acts = false
  /** Whether it is about this machine and about no farm that another machine could have: then a profile in use says nothing of it. */
  static worksHere = false
  /** Commands that make a fresh figure-8 farm, everything powered off, ready for the examples. */
  static exampleFarm: readonly string[] = []
  /** What flags are that nobody gives; set by whoever runs the command. */
  defaults: Defaults = noDefaults
  /** the profile whose login the command goes by, or that it makes; null: none, or not known yet */
  profile: string | null = null
  /** the password file that stood before the topic */
  loginFile: string | undefined
  private openManager: Manager | null = null
  private who: Principal | null = null
  private shownLogin: Principal | null = null
  private query: Query | null = null
  private filled: ReadonlySet<string> = new Set()
  private given: ReadonlySet<string> = new Set()

  abstract override run(): Promise<number>

  /** The words of the command, parsed by its flags; `F` is what those flags give. @throws oclif's parse errors */
  protected async words<F extends CommonFlags>(): Promise<{ flags: F; argv: string[] }> {
    // oclif copies own statics only: what a family of commands inherits has to be handed over by name.
    const { flags: own, strict } = this.ctor
    const input = { ...parsedBase, ...own }
    const { given: givenWords, names } = wordsApart(this.argv, input as never)
    if (strict && names.length > 0) throw tooMuch(names)
    const { flags: parsed, raw } = await this.parse({ flags: own, baseFlags: parsedBase, strict } as never, givenWords)
    const flags = parsed as Record<string, unknown>
    this.given = new Set(raw.flatMap(token => (token.type === 'flag' ? [token.flag] : [])))
    // What a command means by a name of its own the defaults of the global flag say nothing about.
    const byDefault = new Map([...this.defaults].filter(([name]) => !this.isOwn(name)))
    if (byDefault.size > 0) {
      const { defaultFlags } = await import('./default-flags.js')
      const filled = await defaultFlags(byDefault, input as never, this.given, (this.constructor as typeof BaseCommand).isList)
      Object.assign(flags, filled)
      this.filled = new Set(Object.keys(filled))
    }
    const common = flags as unknown as F
    if (common.query !== undefined) await this.ask(common, this.defaults.get('query')?.texts[0])
    // What is bad is refused by every command, though only some have a deadline or columns.
    this.timeoutMs(common)
    this.columnsOf(common)
    return { flags: common, argv: names }
  }

  /** The global flags that somebody wrote on the command line. */
  protected givenGlobals(flags: CommonFlags): Record<string, unknown> {
    return Object.fromEntries(Object.entries(flags).filter(([name]) => name in globalFlags && this.given.has(name)))
  }

  /** Whether a flag has its value from a default: nobody gave it. */
  protected isDefault(flag: string): boolean {
    return this.filled.has(flag)
  }

  /** Where the values of flags come from that nobody wrote as such: an error may be about one of them. */
  get filledFrom(): string[] {
    return [...this.filled].map(flag => this.defaults.get(flag)!.source).filter(source => !source.startsWith('--'))
  }

  /** Reads --query before anything is done. One that is only a default is for the formats it works on. @throws Refusal usage.query */
  private async ask(flags: CommonFlags, byDefault: string | undefined): Promise<void> {
    const format = formatOf(flags)
    if (format === 'json' || format === 'yaml') this.query = (await import('./query.js')).compileQuery(flags.query!)
    else if (flags.query !== byDefault) throw new Refusal('usage.query', `--query works on json and yaml, and the output is ${format}`, 'add -o json or -o yaml')
  }

  /** The manager that the flags name. @throws Refusal profile.not-found, farm.none, auth.password, … */
  protected async manager(flags: CommonFlags): Promise<Manager> {
    if (this.openManager) return this.openManager
    const target = this.target(flags)
    if (target.kind === 'embedded') this.openManager = await connection().openManager({ home: homeFolder(), farm: target.farm })
    else {
      const { reach } = await import('./reach.js')
      if (target.kind === 'profile') this.profile = target.name
      const reached = await reach(target, () => this.loginOf(flags), this.timeoutMs(flags), line => this.tell(flags, line))
      if (target.kind === 'profile') this.mustBe(reached.user, flags)
      this.who ??= { user: reached.user }
      this.openManager = await connection().openRemote(reached.place, reached.login)
    }
    return this.openManager
  }

  /** What the command works on. @throws Refusal usage.argument, usage.config */
  protected target(flags: CommonFlags): Target {
    // Another value than the default's was put there by the command itself: can-i asks about a farm by its name.
    const isGiven = (flag: 'farm' | 'profile' | 'manager' | 'ca') => this.given.has(flag) || (flags[flag] !== undefined && flags[flag] !== this.defaults.get(flag)?.texts.join(','))
    const given = Object.fromEntries((['farm', 'profile', 'manager', 'ca'] as const).flatMap(flag => (isGiven(flag) ? [[flag, flags[flag]]] : [])))
    // A batch or shell hands on what its own command line says.
    const isSaid = (flag: 'profile' | 'manager') => given[flag] !== undefined || this.defaults.get(flag)?.source.startsWith('--') === true
    if (this.worksHere() && !isSaid('profile') && !isSaid('manager')) return { kind: 'embedded', farm: flags.farm ?? null }
    return targetOf(given, this.defaults, currentProfile)
  }

  /** Whether it is about this machine, whatever profile is in use. */
  protected worksHere(): boolean {
    return (this.constructor as typeof BaseCommand).worksHere
  }

  /** The keeper of the embedded farms. @throws Refusal usage.remote where a manager elsewhere is meant */
  protected async keeper(flags: CommonFlags): Promise<FarmKeeper> {
    this.mustBeHere(flags)
    return connection().openKeeper(homeFolder())
  }

  /** The managers of the embedded farms, as services. @throws Refusal usage.remote where a manager elsewhere is meant */
  protected async services(flags: CommonFlags): Promise<ServiceKeeper> {
    this.mustBeHere(flags)
    return connection().openServices(homeFolder())
  }

  private mustBeHere(flags: CommonFlags): void {
    const target = this.target(flags)
    if (target.kind === 'embedded') return
    throw new Refusal('usage.remote', `${this.ctor.id.replaceAll(':', ' ')} works on farms of this machine, and ${elsewhere(target)} is one elsewhere`, this.worksHere() ? 'leave that out, or give it on the machine of the manager' : 'give it on the machine of the manager, or name a farm of this one with --farm')
  }

  /** A profile is the login of one user: what the command line says of another login contradicts it. @throws Refusal usage.argument */
  protected mustBe(user: string, flags: CommonFlags): void {
    if (this.given.has('user') && flags.user !== user) throw new Refusal('usage.argument', `the profile is the login of ${user}, and --user names ${flags.user}`, 'leave out --user, or add a profile for that user')
    if (this.loginFile !== undefined || (this.given.has('password-file') && !this.isOwn('password-file'))) throw new Refusal('usage.argument', `the profile is the login of ${user}, which takes no password`, 'leave out --password-file; profile add logs in anew')
  }

  /** Who acts, with his password where he gives one. @throws Refusal usage.argument */
  protected principal(flags: CommonFlags): Principal {
    if (this.who) return this.who
    const target = this.target(flags)
    // Who logged in the manager knows; what stands here is for the eye.
    return target.kind === 'profile' ? (this.who = { user: readProfile(target.name).user }) : this.loginOf(flags)
  }

  /** The user of the flags, with his password where he gives one. @throws Refusal usage.argument */
  protected loginOf(flags: CommonFlags): Principal {
    const given = this.isOwn('password-file') || this.isDefault('password-file') ? undefined : flags['password-file']
    return (this.shownLogin ??= principalOf(flags.user, given ?? this.loginFile, this.defaults, line => this.tell(flags, line)))
  }

  /** Whether a global flag means something else in this command. */
  private isOwn(flag: string): boolean {
    return Object.hasOwn(globalFlags, flag) && Object.hasOwn(this.ctor.flags ?? {}, flag)
  }

  protected look(flags: CommonFlags): Look {
    return {
      format: formatOf(flags), columns: this.columnsOf(flags), header: !flags['no-header'],
      query: this.query, color: streams().outIsTerminal && !flags['no-color'] && !process.env['NO_COLOR'], width: outWidth(),
    }
  }

  /** The fields of --columns; null when nobody chose. @throws Refusal usage.filter */
  private columnsOf({ columns }: CommonFlags): string[] | null {
    if (columns === undefined) return null
    const names = columns.split(',').map(name => name.trim()).filter(name => name !== '')
    if (names.length === 0) throw new Refusal('usage.filter', '--columns names no field', 'write --columns a,b; help output lists the fields')
    return names
  }

  /** Milliseconds of --timeout; null without. @throws Refusal usage.argument */
  protected timeoutMs(flags: CommonFlags): number | null {
    return flags.timeout === undefined ? null : parseDurationMs(flags.timeout, '--timeout')
  }

  /** The command as it was typed, without --watch: to stand above what it shows. */
  protected typed(words: string): string {
    return [words, ...this.argv.filter(word => word !== '--watch').map(quoted)].join(' ')
  }

  /** Talk, not data: stderr, and not with --quiet. */
  protected tell(flags: CommonFlags, line: string): void {
    if (!flags.quiet) say(line)
  }

  /** Closes what the command opened. */
  async release(): Promise<void> {
    if (this.openManager) await connection().releaseManager(this.openManager)
    this.openManager = null
  }
}

function formatOf(flags: CommonFlags): Format {
  return (flags.json ? 'json' : (flags.output ?? 'table')) as Format
}

function withoutEnv<T extends Record<string, object>>(flags: T): T {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, { ...flag, env: undefined }])) as T
}
