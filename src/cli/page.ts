/** What is printed on a terminal, in a man page and in the reference alike: sections of blocks. */
export interface Page {
  /** `vm start` */
  name: string
  /** one line */
  summary: string
  sections: readonly Section[]
}

export interface Section { title: string; blocks: readonly Block[] }

/** A paragraph; rows of cells, the last of which may be long; command lines, which are never broken. */
export type Block =
  | { text: string }
  | { rows: readonly (readonly string[])[]; head?: readonly string[] }
  | { commands: readonly { description: string | null; command: string }[] }

/** The sections that have something in them. */
export function filled(sections: readonly (Section | null)[]): Section[] {
  return sections.filter(section => section !== null).filter(section => section.blocks.length > 0)
}

/** A text in which a line `term  meaning` (two blanks) is a row, as blocks. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  for (const line of text.split('\n').filter(one => one.trim() !== '')) {
    const row = /^(\S.*?) {2,}(\S.*)$/.exec(line)
    const last = blocks.at(-1)
    if (!row) blocks.push({ text: line })
    else if (last && 'rows' in last) blocks.splice(-1, 1, { rows: [...last.rows, [row[1]!, row[2]!]] })
    else blocks.push({ rows: [[row[1]!, row[2]!]] })
  }
  return blocks
}
