const plain = /^[\x20-\x7e]*$/

/** Cells of a terminal that a text takes: two for East Asian wide characters and emoji, none for combining marks. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length
  // Here, and not above: that V8 reads their tables costs half a millisecond, and most text is plain.
  const nothing = /^[\p{Mn}\p{Me}\p{Cf}]$/u
  const wide = /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]$/u
  let width = 0
  for (const char of text) width += nothing.test(char) ? 0 : wide.test(char) ? 2 : 1
  return width
}

/** As much of the beginning of a text as fits in so many cells. */
export function fitting(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let taken = 0
  let end = 0
  for (const char of text) {
    taken += displayWidth(char)
    if (taken > width) break
    end += char.length
  }
  return text.slice(0, end)
}

/** A text in so many cells: what does not fit is cut, and an ellipsis says so. */
export function cutTo(text: string, width: number): string {
  return displayWidth(text) <= width ? text : `${fitting(text, width - 1)}…`
}
