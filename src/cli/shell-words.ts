/** A line apart into words as a shell reads them; `open` is the quote, or the backslash, that the line ends inside of. */
export interface ShellWords {
  words: string[]
  open: '"' | "'" | '\\' | null
}

/**
 * The words of a line: blanks part them, quotes and backslashes keep them together as in a POSIX shell, `#` at the beginning
 * of a word begins a comment. Nothing is expanded.
 */
export function splitWords(line: string): ShellWords {
  const words: string[] = []
  let word: string | null = null
  let quote: '"' | "'" | null = null
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!
    const next = line[at + 1]
    if (quote === "'") {
      if (char === "'") quote = null
      else word += char
    } else if (quote === '"') {
      if (char === '"') quote = null
      else if (char === '\\' && next !== undefined && '"\\$`'.includes(next)) { word += next; at++ }
      else word += char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (char === '\\') {
      if (next === undefined) return { words: word === null ? words : [...words, word], open: '\\' }
      word = (word ?? '') + next
      at++
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else if (char === '#' && word === null) break
    else word = (word ?? '') + char
  }
  return { words: word === null ? words : [...words, word], open: quote }
}

/** A word as a line would hold it, quoted where it has to be. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
