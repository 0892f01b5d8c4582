import { Refusal } from '../model/errors.js'
import { stepsOf } from './pattern-steps.js'

/** A regular expression of a user's, which takes time linear in the text, whatever it is (docs/decisions/0012). */
export interface Pattern {
  readonly source: string
  /** whether it matches anywhere in a text; `.` is any character, a line break too */
  test(text: string): boolean
}

/** The most steps of a pattern with its counted repetitions written out: each character of a text may cost as many. */
const mostSteps = 1_000
/** The most characters of a pattern: members of a set are no steps, and reading one of 120,000 takes the engine seconds. */
const mostCharacters = 8_000
/** How long one request may go on asking a pattern, in milliseconds: far more than any takes that was not made to take long. */
const mostMs = 10_000
const allowed = `write RE2: . [a-z] [^a] \\d \\w \\s \\b ^ $ | ( ) * + ? {2,5} (?i), at most ${mostSteps} steps with counts written out; there is no look-ahead, look-behind or back reference`

/** A letter, a set or the like that JavaScript and RE2 read alike. */
const atom = String.raw`(?:[\w :/.-]|\\[./d]|\[\^?[\w.-]+\])`
/** Patterns as most are, `^web[0-9]+$`: where one atom repeats at most, JavaScript's own engine cannot go astray. */
const plain = new RegExp(`^\\^?${atom}*(?:${atom}[*+?])?${atom}*\\$?$`)
const longestPlain = 100

interface Automaton { test(text: string): boolean }

/** Compiled patterns by source, as many as one request may hold; the oldest go. */
const compiled = new Map<string, TimedPattern>()
const keptPatterns = 64

let compile: ((source: string) => Automaton) | null = null

/** The pattern of a text, for the request that begins to use it; loads the engine when the first is read. @throws Refusal usage.filter */
export async function readPattern(source: string): Promise<Pattern> {
  if (!compile && !plainAutomaton(source)) {
    // 200 KB that most commands do not evaluate.
    const { RE2JS } = await import('re2js')
    compile = text => RE2JS.compile(text, RE2JS.DOTALL)
  }
  const pattern = patternOf(source)
  pattern.begin()
  return pattern
}

/** The pattern of a text that `readPattern` took before: for callers that cannot wait. @throws Refusal usage.filter */
export function patternOf(source: string): TimedPattern {
  const known = compiled.get(source)
  if (known) return known
  const pattern = new TimedPattern(source, plainAutomaton(source) ?? automatonOf(source))
  if (compiled.size >= keptPatterns) compiled.delete(compiled.keys().next().value!)
  compiled.set(source, pattern)
  return pattern
}

class TimedPattern implements Pattern {
  private endMs = 0

  constructor(readonly source: string, private readonly automaton: Automaton) {
    this.begin()
  }

  begin(): void {
    this.endMs = Date.now() + mostMs
  }

  test(text: string): boolean {
    // Not performance.now(), which costs more than most patterns do.
    if (Date.now() > this.endMs) throw new Refusal('usage.filter', `the regular expression ${shown(this.source)} takes more than ${mostMs / 1_000} s over all there is`, 'narrow to fewer, or write a simpler one')
    return this.automaton.test(text)
  }
}

/** JavaScript's regular expression for a plain pattern; null for any other. */
function plainAutomaton(source: string): Automaton | null {
  if (source.length > longestPlain || !plain.test(source)) return null
  try {
    return new RegExp(source, 'su')
  } catch {
    // A range that runs backwards: RE2 has the words for it.
    return null
  }
}

function automatonOf(source: string): Automaton {
  if (!compile) throw new Error(`no pattern was read before ${JSON.stringify(source)}`)
  if (source.length > mostCharacters) throw new Refusal('usage.filter', `the regular expression ${shown(source)} is too big: ${source.length} characters`, `write at most ${mostCharacters}; a list of values is name=a|b|c`)
  const steps = stepsOf(source)
  if (steps > mostSteps) throw new Refusal('usage.filter', `the regular expression ${shown(source)} is too big: ${steps} steps`, `${allowed}; a list of values is name=a|b|c`)
  try {
    return compile(source)
  } catch (error) {
    throw new Refusal('usage.filter', `${shown(source)} is not a regular expression: ${(error as Error).message.replace(/^error parsing regexp: /, '').slice(0, 120)}`, allowed)
  }
}

function shown(source: string): string {
  return JSON.stringify(source.length > 80 ? `${source.slice(0, 80)}…` : source)
}
