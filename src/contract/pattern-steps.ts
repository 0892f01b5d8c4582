/** A piece of a regular expression: quoted text, an escape, a set, a count, or one character. */
const piece = /\\Q(?<quoted>[\s\S]*?)(?:\\E|$)|\\[pPx](?:\{[^}]*\}|[\s\S])|\\[\s\S]|\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]|\{(?<least>\d+)(?<range>,(?<most>\d*))?\}|[\s\S]/g

/**
 * How many steps a regular expression has once its counted repetitions are written out, at least as many as an automaton
 * of it takes: `(ab?){30}` has some 150. Counted from the text, before anything is compiled; of a malformed one it means nothing.
 */
export function stepsOf(source: string): number {
  let steps = 0
  /** what the last piece added, which a count repeats */
  let last = 0
  const open: number[] = []
  for (const match of source.matchAll(piece)) {
    const { quoted, least, range, most } = match.groups!
    if (least !== undefined) {
      const copies = Math.max(Number(least), Number(most || least)) + Number(range !== undefined && most === '')
      const optional = copies - Number(least)
      steps += last * (copies - 1) + optional
      last = last * copies + optional
    } else if (match[0] === '(') {
      open.push(steps)
      steps += 3
      last = 0
    } else if (match[0] === ')') {
      last = steps - (open.pop() ?? 0)
    } else if (/^[*+?|]$/.test(match[0])) {
      // An alternative that is empty is a step of its own.
      steps += match[0] === '|' ? 2 : 1
      last += 1
    } else {
      last = 1
      steps += quoted?.length ?? 1
    }
  }
  return steps
}
