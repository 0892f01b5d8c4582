import { splitWords } from './shell-words.js'

/** The words of a command line up to the cursor, as the program would get them; the last is the one that stands at the cursor. */
export interface TypedLine {
  words: string[]
  /** how many characters of the last word the shell takes for words of their own, and does not replace */
  kept: number
  /** the last word stands in quotes that are still open: what is put there wants none */
  quoted: boolean
}

/**
 * Puts the words of a shell together again. bash cuts words at its COMP_WORDBREAKS (`breaks`), so that `--pool=p` comes as
 * three; what stood together in `line` is one word. Quotes are still on them.
 */
export function typedLine(words: readonly string[], line: string, breaks: string): TypedLine {
  const texts: string[] = []
  let end = -1
  for (const word of words) {
    const at = end < 0 ? line.indexOf(word) : line.indexOf(word, end)
    const joined = end >= 0 && at === end && (word !== '' || end === line.length)
    if (joined) texts.push(`${texts.pop()}${word}`)
    else texts.push(word)
    end = at < 0 ? -1 : at + word.length
  }
  const split = texts.map(text => splitWords(text))
  const raw = texts.at(-1) ?? ''
  const { open } = splitWords(raw)
  const quoted = open === '"' || open === "'"
  const bare = /^[^'"\\]*/.exec(raw)![0]
  const kept = breaks === '' ? 0 : quoted ? bare.length : Math.max(...[...breaks].map(char => bare.lastIndexOf(char) + 1), 0)
  return { words: split.map(({ words: [word] }) => word ?? ''), kept, quoted }
}

/** A text as a shell reads it back, when it stands outside of quotes. */
export function shellWord(text: string): string {
  return text.replace(/[^A-Za-z0-9_./:=@%+,-]/gu, char => `\\${char}`)
}
