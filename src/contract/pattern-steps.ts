/** One character by its escape, or any character itself. */
const char = String.raw`(?:\\(?:x\{[0-9A-Fa-f]*\}|x[\s\S]{2}|[0-7]{1,3}|[\s\S])|[\s\S])`
/** An escape that stands for many characters. */
const many = String.raw`\\(?:[pP](?:\{\^?\w*\}|[\s\S])|[dDsSwW])`
/** How many times: a number with a leading zero is none, and the braces are text. */
const number = String.raw`(?:0|[1-9]\d*)`
/** What a regular expression is made of, as RE2 reads it: quoted text, the beginning of a set, a count, flags, the beginning of a group, or else one character, be it an operator. */
const piece = new RegExp(String.raw`\\Q(?<quoted>[\s\S]*?)(?:\\E|$)|(?<set>\[\^?)|\{(?<least>${number})(?<range>,(?<most>${number}?))?\}|(?<flags>\(\?[imsU-]*\))|(?<group>\((?:\?P?<\w+>|\?[imsU-]*:)?)|${many}|${char}`, 'uy')
/** One member of a set: a class, or a character, or all from one to another. */
const member = new RegExp(String.raw`\[:\^?\w+:\]|${many}|${char}(?:-(?!\])${char})?`, 'uy')

/**
 * How many steps a regular expression has once its counted repetitions are written out, at least as many as an automaton
 * of it takes beside its beginning and its end: `(ab?){30}` has 150. Counted from the text, before anything is compiled; of a
 * malformed one it means nothing.
 */
export function stepsOf(source: string): number {
  let steps = 0
  /** what the last operand added, which a count repeats */
  let last = 0
  const open: number[] = []
  const add = (more: number) => {
    steps += more
    last += more
  }
  for (let at = 0; at < source.length;) {
    piece.lastIndex = at
    const found = piece.exec(source)!
    at = piece.lastIndex
    const { quoted, set, least, range, most, flags, group } = found.groups!
    // Flags and empty quotes are nothing, and a count behind them repeats what came before them.
    if (flags !== undefined || quoted === '') continue
    if (least !== undefined) add(repeated(last, Number(least), range === undefined ? Number(least) : most === '' ? null : Number(most)) - last)
    else if (group !== undefined) {
      open.push(steps)
      // A step if it is empty, and two if it remembers where it begins and ends.
      steps += group.endsWith(':') ? 1 : 3
    } else if (found[0] === ')') last = steps - (open.pop() ?? 0)
    // A star over what may be nothing is (x+)?.
    else if (found[0] === '*') add(2)
    else if (found[0] === '+' || found[0] === '?') add(1)
    // An alternative that is empty is a step of its own.
    else if (found[0] === '|') steps += 2
    else {
      last = 1
      steps += quoted?.length ?? 1
      if (set !== undefined) at = endOfSet(source, at)
    }
  }
  return steps
}

/** Steps of an operand repeated, `most` null: without end. */
function repeated(steps: number, least: number, most: number | null): number {
  if (most === null) return steps * Math.max(1, least) + 2
  return most === 0 ? 1 : steps * Math.max(least, most) + Math.max(0, most - least)
}

/** Where a set ends that has begun before a position; a `]` that comes first is one of it. */
function endOfSet(source: string, begin: number): number {
  for (let at = begin; at < source.length; at = member.lastIndex) {
    if (at > begin && source[at] === ']') return at + 1
    member.lastIndex = at
    member.test(source)
  }
  return source.length
}
