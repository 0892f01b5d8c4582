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
/** How long one request may go on asking a pattern, in milliseconds: far more than any takes that was not made to take long. */
const mostMs = 10_000
const allowed = `write RE2: . [a-z] [^a] \\d \\w \\s \\b ^ $ | ( ) * + ? {2,5} (?i), at most ${mostSteps} steps with counts written out; there is no look-ahead, look-behind or back reference`

interface Automaton { test(text: string): boolean }

/** Compiled patterns by source, as many as one request may hold; the oldest go. */
const compiled = new Map<string, TimedPattern>()
const keptPatterns = 64

let compile: ((source: string) => Automaton) | null = null

/** The pattern of a text, for the request that begins to use it; loads the engine when the first is read. @throws Refusal usage.filter */
export async function readPattern(source: string): Promise<Pattern> {
  if (!compile) {
    // 130 KB that a command without a pattern does not evaluate.
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
  if (!compile) throw new Error(`no pattern was read before ${JSON.stringify(source)}`)
  const pattern = new TimedPattern(source, automatonOf(source, compile))
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
    this.endMs = performance.now() + mostMs
  }

  test(text: string): boolean {
    if (performance.now() > this.endMs) throw new Refusal('usage.filter', `the regular expression ${shown(this.source)} takes more than ${mostMs / 1_000} s over all there is`, 'narrow to fewer, or write a simpler one')
    return this.automaton.test(text)
  }
}

function automatonOf(source: string, read: (source: string) => Automaton): Automaton {
  const steps = stepsOf(source)
  if (steps > mostSteps) throw new Refusal('usage.filter', `the regular expression ${shown(source)} is too big: ${steps} steps`, `${allowed}; a list of values is name=a|b|c`)
  try {
    return read(source)
  } catch (error) {
    throw new Refusal('usage.filter', `${shown(source)} is not a regular expression: ${(error as Error).message.replace(/^error parsing regexp: /, '').slice(0, 120)}`, allowed)
  }
}

function shown(source: string): string {
  return JSON.stringify(source.length > 80 ? `${source.slice(0, 80)}…` : source)
}
