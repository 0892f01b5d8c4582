import { displayWidth } from './display-width.js'
import type { Block, Page } from './page.js'

/** The narrowest that text is laid out for, in cells; below it lines run over. */
const narrowest = 20
/** The widest: longer lines are hard to read. */
const widest = 100

/** A page as text of so many cells; `emphasis` marks titles where the terminal can. */
export function renderPage(page: Page, cells: number, emphasis: (title: string) => string): string {
  const width = Math.min(widest, Math.max(narrowest, cells))
  const head = page.name === '' ? wrap(page.summary, width) : wrap(`${page.name}: ${page.summary}`, width)
  const sections = page.sections.map(section => [emphasis(section.title), ...section.blocks.flatMap((block, at) => [...(at > 0 ? [''] : []), ...linesOf(block, width - 2).map(line => (line === '' ? '' : `  ${line}`))])])
  return `${[head, ...sections].map(lines => lines.join('\n')).join('\n\n')}\n`
}

function linesOf(block: Block, width: number): string[] {
  if ('text' in block) return block.text.split('\n').flatMap(line => wrap(line, width))
  if ('commands' in block) return block.commands.flatMap(({ description, command }) => description === null ? [`$ ${command}`] : [...wrap(`${description}:`, width), `  $ ${command}`])
  return rowLines([...(block.head ? [block.head] : []), ...block.rows], width)
}

/** Cells under each other. Where those before the last take too much of a line, the last goes below them. */
function rowLines(rows: readonly (readonly string[])[], width: number): string[] {
  const columns = Math.max(...rows.map(row => row.length)) - 1
  const most = Math.floor(width * 0.45)
  const short = rows.filter(row => row.slice(0, -1).reduce((sum, cell) => sum + displayWidth(cell) + 2, 0) <= most)
  const areApart = short.length < rows.length / 2
  const widths = Array.from({ length: columns }, (_, at) => Math.max(0, ...(areApart ? [] : short).map(row => displayWidth(row[at] ?? ''))))
  const indent = areApart ? Math.min(6, most) : widths.reduce((sum, one) => sum + one + 2, 0)
  return rows.flatMap(row => {
    const first = row.slice(0, -1).map((cell, at) => `${cell}${' '.repeat(Math.max(0, widths[at]! - displayWidth(cell)))}`).join('  ').trimEnd()
    const rest = row.at(-1)!.split('\n').flatMap(line => wrap(line, width - indent)).map(line => `${' '.repeat(indent)}${line}`)
    return areApart || !short.includes(row) ? [...(displayWidth(first) > width ? wrap(first, width) : [first]), ...rest] : [`${first.padEnd(indent)}${rest[0]!.slice(indent)}`, ...rest.slice(1)]
  })
}

/** A text in lines of at most so many cells, broken at blanks; a longer word has a line to itself. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').filter(one => one !== '')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
