/** The word that may be meant: the only one that begins so, else the nearest, when it is near enough. */
export function nearest(word: string, words: readonly string[]): string | null {
  // Far from everything there is, and dear to compare.
  if (word.length > 64) return null
  const longer = word.length < 2 ? [] : words.filter(candidate => candidate.startsWith(word))
  if (longer.length === 1) return longer[0]!
  let best: { word: string; distance: number } | null = null
  for (const candidate of words) {
    const distance = editDistance(word, candidate)
    if (!best || distance < best.distance) best = { word: candidate, distance }
  }
  return best && best.distance < word.length && best.distance <= mostSlips(word) ? best.word : null
}

/** How many slips a word of that length may hold and still be meant: two in `foo` would leave nothing of it. */
function mostSlips(word: string): number {
  return word.length <= 4 ? 1 : Math.max(2, Math.floor(word.length / 3))
}

/** How many letters have to be added, dropped, changed or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const plain = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      next.push(isSwap ? Math.min(plain, before[j - 2]! + 1) : plain)
    }
    before = row
    row = next
  }
  return row[b.length]!
}
