import type { Block, Section } from '../../src/cli/page.js'

/** A text as roff sees it: nothing in it is a request, an escape, or a character that is printed as another. */
export function roff(text: string): string {
  const plain = text.replace(/[\\\-'`^~"]/g, char => escapes[char]!).replace(/[^\x00-\x7e]/gu, char => `\\[u${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`)
  return plain.split('\n').map(line => (line.startsWith('.') ? `\\&${line}` : line)).join('\n.br\n')
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\e', '-': '\\-', "'": '\\(aq', '`': '\\(ga', '^': '\\(ha', '~': '\\(ti', '"': '\\(dq' }

/** A man page of sections. */
export function manPage(name: string, version: string, sections: readonly Section[]): string {
  const title = `.TH "${roff(name.toUpperCase())}" 1 "" "ovmcli ${roff(version)}" "ovmcli manual"`
  return `.\\" Written by npm run docs: do not edit.\n${[title, '.nh', '.ad l', ...sections.flatMap(section => [`.SH ${roff(section.title)}`, ...section.blocks.flatMap((block, at) => [...(at > 0 && 'text' in block ? ['.PP'] : []), ...linesOf(block)])])].join('\n')}\n`
}

function linesOf(block: Block): string[] {
  if ('text' in block) return [roff(block.text)]
  if ('commands' in block) return block.commands.flatMap(({ description, command }) => ['.PP', ...(description === null ? [] : [roff(`${description}:`)]), '.RS 4', '.nf', roff(command), '.fi', '.RE'])
  const terms = block.rows.map(row => row.slice(0, -1).filter(cell => cell !== '').join('  ').trim())
  const indent = Math.min(24, Math.max(4, ...terms.map(term => term.length + 2)))
  // Short meanings stand close together, long ones apart.
  const close = block.rows.every(row => indent + row.at(-1)!.length < 66)
  const lines = block.rows.flatMap((row, at) => [`.TP ${indent}`, `\\fB${roff(terms[at]!)}\\fR`, roff(row.at(-1)!)])
  return close ? ['.PD 0', ...lines, '.PD'] : lines
}
