import type { Defaults } from './defaults.js'
import { connection } from './connection.js'
import { History } from './history.js'
import { linesOf } from './lines.js'
import { homeFolder } from './places.js'
import { currentProfile } from './profiles.js'
import { printError } from './print-error.js'
import { Prompt, type Complete } from './prompt.js'
import { Refusal } from './refusal.js'
import { formatAskedFor, splitLeading } from './global-flags.js'
import { runAnother } from './router.js'
import { splitWords } from './shell-words.js'
import { canAsk, printable, say, writeOut } from './streams.js'
import { targetOf } from './target.js'

/** What the shell understands beside the commands. */
export const shellWords = {
  use: 'use POOL: commands that take --pool work on that pool; use alone: on all again',
  history: 'what was typed before',
  exit: 'leave, with the exit code of the last command or the one given',
  quit: 'the same as exit',
} as const

/** A session of commands over one open farm. */
export class Shell {
  private pool: string | null = null
  private exit = 0
  private over = false
  private readonly history = new History(homeFolder())

  constructor(private readonly defaults: Defaults, private readonly complete: (line: string, defaults: Defaults) => ReturnType<Complete>) {}

  /** Runs until the lines end, or somebody leaves; the exit code of the last command. */
  async run(): Promise<number> {
    if (canAsk()) await this.talk()
    else await this.read()
    return this.exit
  }

  private async talk(): Promise<void> {
    const prompt = new Prompt(line => this.complete(line, this.narrowed()))
    while (!this.over) {
      const line = await prompt.ask(await this.promptText(), this.history.lines)
      if (line === null) {
        say('')
        return
      }
      this.history.add(line)
      await this.take(line)
    }
  }

  /** Without a terminal, lines are read as they come, and nothing is printed but what the commands print. */
  private async read(): Promise<void> {
    for await (const line of linesOf(process.stdin)) {
      if ('fault' in line) this.exit = await this.refuse(`line ${line.number} ${line.fault}`)
      else await this.take(line.text)
      if (this.over) return
    }
  }

  private async take(line: string): Promise<void> {
    const { words, open } = splitWords(line)
    if (open !== null) this.exit = await this.refuse(`the line ends inside of ${open === '\\' ? 'an escape' : `a ${open} quote`}`)
    else if (words.length > 0) this.exit = await bearingOne(() => this.obey(words[0] === 'ovmcli' || words[0] === 'ovm' ? words.slice(1) : words))
  }

  private async obey(words: readonly string[]): Promise<number> {
    const [first, ...rest] = splitLeading(words).rest
    switch (first) {
      case 'exit':
      case 'quit':
        if (rest.length > 1 || (rest.length === 1 && !/^\d{1,3}$/.test(rest[0]!))) return this.refuse(`${first} takes an exit code, or nothing`)
        this.over = true
        return rest.length === 1 ? Number(rest[0]) & 255 : this.exit
      case 'use': return this.use(rest)
      case 'history':
        for (const line of [...this.history.lines].reverse()) await writeOut(`${printable(line)}\n`)
        return 0
      case 'shell':
      case 'batch': return this.refuse(`a ${first} cannot run inside of a shell`)
      default: return runAnother(words, this.narrowed())
    }
  }

  /** The defaults of commands in the pool in use. */
  private narrowed(): Defaults {
    return this.pool === null ? this.defaults : new Map([...this.defaults, ['pool', { texts: [this.pool], source: `use ${this.pool}` }]])
  }

  /** Narrows what follows to a pool that there is, or to none. */
  private async use(names: readonly string[]): Promise<number> {
    if (names.length > 1) return this.refuse('use takes one pool, or nothing')
    const [name] = names
    if (name === undefined) {
      this.pool = null
      return 0
    }
    const exit = await runAnother(['pool', 'show', '--output', 'name', '--', name], this.defaults)
    if (exit === 0) this.pool = name
    return exit
  }

  /** `figure-8/pool1 [5]> `: the farm, the pool in use, and the exit code of the last command when it was not 0. */
  private async promptText(): Promise<string> {
    const farm = await this.farm()
    return `${printable(farm ?? 'no farm')}${this.pool === null ? '' : `/${printable(this.pool)}`}${this.exit === 0 ? '' : ` [${this.exit}]`}> `
  }

  private refuse(message: string): Promise<number> {
    return printError(new Refusal('usage.argument', message, 'help lists the commands'), formatAskedFor([], this.defaults.get('output')?.texts[0]))
  }

  private async farm(): Promise<string | null> {
    const target = targetOf({}, this.defaults, currentProfile)
    if (target.kind === 'embedded') return target.farm ?? (await connection().openKeeper(homeFolder())).current()
    return target.kind === 'profile' ? target.name : new URL(target.url).host
  }
}

/** Works on with the first Ctrl-C, which commands that can be interrupted hear themselves; the second ends the process. */
async function bearingOne<T>(work: () => Promise<T>): Promise<T> {
  const spare = () => say('Ctrl-C again ends the shell')
  process.once('SIGINT', spare)
  try {
    return await work()
  } finally {
    process.off('SIGINT', spare)
  }
}
