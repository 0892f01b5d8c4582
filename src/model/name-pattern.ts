import { Refusal } from './errors.js'
import { checkName, namesOf } from './names.js'

/** The most names that one pattern, or one count, may stand for. */
export const mostNewNames = 100_000

/** What a pair of braces stands for: alternatives, or a range, which is not written out before it is known to be small enough. */
type Part = { count: number; at: (index: number) => string }

/** Whether a text is meant as a pattern of new names: a name holds no brace. */
export function isNamePattern(text: string): boolean {
  return /[{}]/.test(text)
}

/**
 * The names that a text stands for (cli.md, "Names"), as bash expands braces: `web{001..250}` counts up, or down, and keeps
 * leading zeros, `{a..e}` goes over letters, `{a,b}` over alternatives; of several the left one changes slowest. A text without
 * braces is one name. Unlike in bash a brace is never itself, since no name holds one.
 * @throws Refusal usage.name
 */
export function expandNames(text: string, what: string): string[] {
  if (!isNamePattern(text)) return [checkName(text, what)]
  const parts = partsOf(text)
  const count = parts.reduce((product, part) => product * part.count, 1)
  if (count > mostNewNames) throw bad(text, `stands for ${count > 1e15 ? 'very many' : count} names, and ${mostNewNames} are allowed`)
  const names = Array.from({ length: count }, (_, index) => {
    let [name, rest] = ['', index]
    for (let at = parts.length - 1; at >= 0; at--) {
      const part = parts[at]!
      name = part.at(rest % part.count) + name
      rest = Math.floor(rest / part.count)
    }
    return checkName(name, what)
  })
  const seen = new Set<string>()
  const twice = names.find(name => seen.size === seen.add(name).size)
  if (twice !== undefined) throw bad(text, `stands for ${twice} more than once`)
  return names
}

/**
 * The names of `--name X --count N`. A plain name with a count, be it 1, is numbered: X-1 … X-N, without leading zeros, so that
 * asking for more later never names the first ones otherwise. A pattern says by itself how many: a count must say the same.
 * @throws Refusal usage.name, usage.argument
 */
export function countedNames(text: string, count: number | null, what: string): string[] {
  if (count === null) return expandNames(text, what)
  if (!(Number.isInteger(count) && count >= 1 && count <= mostNewNames)) throw new Refusal('usage.argument', `--count is a whole number from 1 to ${mostNewNames}, not ${count}`)
  if (!isNamePattern(text)) {
    checkName(text, what)
    return Array.from({ length: count }, (_, at) => checkName(`${text}-${at + 1}`, what))
  }
  const names = expandNames(text, what)
  if (names.length === count) return names
  throw new Refusal('usage.argument', `--count is ${count}, and ${shown(text)} stands for ${names.length}: ${namesOf(names)}`, 'leave --count out: the pattern says how many')
}

/** A pattern in its pieces. @throws Refusal usage.name */
function partsOf(text: string): Part[] {
  const pieces = text.split(/(\{[^{}]*\})/)
  return pieces.map((piece, at) => {
    if (at % 2 === 1) return braces(piece.slice(1, -1), text)
    if (isNamePattern(piece)) throw bad(text, /\{[^}]*\{/.test(text) ? 'has braces inside of braces' : piece.includes('{') ? 'has a { without its }' : 'has a } without its {')
    return { count: 1, at: () => piece }
  })
}

function braces(inside: string, text: string): Part {
  const [, from, to] = /^(\d{1,15})\.\.(\d{1,15})$/.exec(inside) ?? []
  if (from !== undefined && to !== undefined) {
    const width = [from, to].some(end => /^0\d/.test(end)) ? Math.max(from.length, to.length) : 0
    return range(Number(from), Number(to), value => String(value).padStart(width, '0'))
  }
  const [, first, last] = /^(?:([a-z])\.\.([a-z])|([A-Z])\.\.([A-Z]))$/.exec(inside)?.filter(end => end !== undefined) ?? []
  if (first !== undefined && last !== undefined) return range(first.charCodeAt(0), last.charCodeAt(0), value => String.fromCharCode(value))
  const words = inside.split(',')
  if (words.length < 2) throw bad(text, `has {${inside.slice(0, 40)}}, which is neither a range nor a list`)
  return { count: words.length, at: index => words[index]! }
}

function range(from: number, to: number, write: (value: number) => string): Part {
  return { count: Math.abs(to - from) + 1, at: index => write(from + (from <= to ? index : -index)) }
}

function bad(text: string, what: string): Refusal {
  return new Refusal('usage.name', `${shown(text)} ${what}`, "a pattern is written 'web{001..250}' or 'web{a,b}', in quotes so that the shell leaves it alone")
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
