import { createContext, runInContext } from 'node:vm'
import { isRegistered, compile, search, TreeInterpreter } from '@jmespath-community/jmespath'
import { Refusal } from '../model/errors.js'

/** What is asked of a document; the answer is plain data. @throws Refusal usage.query */
export type Query = (document: unknown) => unknown

/** The longest expression, in characters. */
const longestExpression = 4_096
/** How many values an answer may hold, and how many may be made on the way to it: an expression can double them with every few characters. */
const mostValues = 5_000_000
/** How long asking may take, in milliseconds: comparing what was doubled by reference makes nothing, and has no end. */
const longestMs = 10_000
/** Literals as they are written in a thousand examples: `running` beside 'running'. */
const dialect = { enable_legacy_literals: true }

/** The query of a JMESPath expression, which may take so many milliseconds. @throws Refusal usage.query for what is no expression, or calls a function that there is not */
export function compileQuery(expression: string, mostMs = longestMs): Query {
  if (expression.length > longestExpression) throw bad(`is longer than ${longestExpression} characters`)
  const unknown = unknownFunction(parsed(expression))
  if (unknown !== null) throw bad(`calls ${unknown}(), and there is no such function`)
  return document => {
    const answer = asked(expression, document, mostMs)
    if (countOf(answer, mostValues) > mostValues) throw bad(`has an answer of more than ${mostValues} values`)
    return answer ?? null
  }
}

function parsed(expression: string): unknown {
  try {
    return compile(expression, dialect)
  } catch (error) {
    throw bad(`is no JMESPath: ${reason(error)}`)
  }
}

function asked(expression: string, document: unknown, mostMs: number): unknown {
  made = 0
  const data = bare(document) as never
  try {
    return runInContext('ask()', createContext({ ask: () => search(data, expression, dialect) }), { timeout: mostMs })
  } catch (error) {
    if (error instanceof Refusal) throw error
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw bad(`takes more than ${mostMs / 1_000} s`)
    throw bad(`cannot be asked of this output: ${reason(error)}`)
  }
}

interface Interpreter { visit(node: { type: string }, value: unknown): unknown }

/** What was made for the question that is asked. */
let made = 0
const making: ReadonlySet<string> = new Set(['Flatten', 'Projection', 'ValueProjection', 'FilterProjection', 'MultiSelectList', 'MultiSelectHash', 'Slice', 'Function'])
const interpreter = Object.getPrototypeOf(TreeInterpreter) as Interpreter
const { visit } = interpreter

// The library has no bounds of its own, and all that it does it does by visiting.
interpreter.visit = function (this: Interpreter, node, value) {
  const answer = visit.call(this, node, value)
  if (making.has(node.type)) {
    made += typeof answer === 'string' || Array.isArray(answer) ? answer.length : 1
    if (made > mostValues) throw bad(`makes more than ${mostValues} values`)
  }
  return answer
}

/** Data without what every object inherits: the library would find `constructor` in it. */
function bare(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(bare)
  const own = Object.create(null) as Record<string, unknown>
  for (const [name, part] of Object.entries(value)) own[name] = bare(part)
  return own
}

/** The first function of a syntax tree that nobody defined; looked for before anything is done, for asking comes after. */
function unknownFunction(node: unknown): string | null {
  if (typeof node !== 'object' || node === null) return null
  const { type, name } = node as { type?: unknown; name?: unknown }
  if (type === 'Function' && typeof name === 'string' && !isRegistered(name)) return name.slice(0, 80)
  for (const child of Object.values(node)) {
    const found = unknownFunction(child)
    if (found !== null) return found
  }
  return null
}

/** How many values data holds, each counted where it stands; stops past `most`. */
function countOf(value: unknown, most: number): number {
  // Of an object that the expression itself made.
  if (typeof value === 'function') throw bad('asks for what is no data')
  if (typeof value !== 'object' || value === null) return 1
  let count = 1
  for (const part of Object.values(value)) {
    count += countOf(part, most - count)
    if (count > most) break
  }
  return count
}

/** What the library says, in one line; a stack that ran over is the depth of the expression. */
function reason(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply'
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 200)
}

function bad(what: string): Refusal {
  return new Refusal('usage.query', `--query ${what}`, "write JMESPath such as \"[?state=='running'].name\" on lists, or \"items[0].error.code\" on reports; https://jmespath.org")
}
