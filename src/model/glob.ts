import { Refusal } from './errors.js'

/** One place of a glob: any run of characters (null), or one character of a set. */
type Place = ((code: number) => boolean) | null

const anyCharacter = () => true
/** Globs read lately, so that a list of ten thousand names reads each once; as many as one request may hold. */
const lately = new Map<string, Place[]>()
const keptGlobs = 2_048

/** Whether a target is a pattern and not a plain name. */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text)
}

/** The glob itself when it is one: `*`, `?`, `[a-z]`, `[!a]`; anything else stands for itself. @throws Refusal usage.argument */
export function checkGlob(glob: string): string {
  placesOf(glob)
  return glob
}

/**
 * Whether a glob matches a whole text, case by case. When a place does not fit, only what the last star took grows, so that
 * the time is at worst the length of the text squared, whatever the glob. @throws Refusal usage.argument
 */
export function globMatches(glob: string, text: string): boolean {
  const places = placesOf(glob)
  let at = 0
  let place = 0
  let star = -1
  let starEnd = 0
  while (at < text.length) {
    const wanted = places[place]
    if (wanted === null) {
      star = place++
      starEnd = at
    } else if (wanted?.(text.charCodeAt(at))) {
      at++
      place++
    } else if (star >= 0) {
      place = star + 1
      at = ++starEnd
    } else return false
  }
  while (places[place] === null) place++
  return place === places.length
}

function placesOf(glob: string): Place[] {
  const known = lately.get(glob)
  if (known) return known
  const places = readGlob(glob)
  if (lately.size >= keptGlobs) lately.delete(lately.keys().next().value!)
  lately.set(glob, places)
  return places
}

function readGlob(glob: string): Place[] {
  const places: Place[] = []
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at]!
    const end = char === '[' ? glob.indexOf(']', at + 2) : -1
    if (char === '*') {
      if (places.at(-1) !== null) places.push(null)
    } else if (char === '?') places.push(anyCharacter)
    else if (end > 0) {
      places.push(setOf(glob.slice(at + 1, end), glob))
      at = end
    } else {
      const code = glob.charCodeAt(at)
      places.push(given => given === code)
    }
  }
  return places
}

/** The characters between brackets: single ones and ranges, after `!` all others. */
function setOf(body: string, glob: string): (code: number) => boolean {
  const negated = body.startsWith('!')
  const ranges: [number, number][] = []
  for (let at = negated ? 1 : 0; at < body.length; at++) {
    const from = body.charCodeAt(at)
    if (body[at + 1] !== '-' || at + 2 >= body.length) {
      ranges.push([from, from])
      continue
    }
    const to = body.charCodeAt(at + 2)
    if (to < from) throw new Refusal('usage.argument', `${JSON.stringify(glob.slice(0, 80))} is not a pattern: ${body.slice(at, at + 3)} runs backwards`, 'patterns hold *, ?, [a-z] and [!a-z]')
    ranges.push([from, to])
    at += 2
  }
  const holds = (code: number) => ranges.some(([from, to]) => code >= from && code <= to) !== negated
  // Names are ASCII: what a set of thousands says of them is worked out once.
  const ascii = Array.from({ length: 128 }, (_, code) => holds(code))
  return code => ascii[code] ?? holds(code)
}
