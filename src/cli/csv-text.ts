/** A record of CSV, and the line it begins in; or what is wrong with it. */
export type CsvRecord = { line: number; cells: string[] } | { line: number; what: string }

/**
 * The records of a text of comma-separated values (RFC 4180): cells in quotes may hold commas, line ends and, doubled, quotes.
 * Lines end with LF or CRLF; blank ones are skipped; blanks around a cell that is not in quotes are no part of it.
 */
export function* csvRecords(text: string): Generator<CsvRecord> {
  let line = 1
  for (let from = text.startsWith('\uFEFF') ? 1 : 0; from < text.length;) {
    const lineEnd = text.indexOf('\n', from) < 0 ? text.length : text.indexOf('\n', from)
    const plain = text.slice(from, lineEnd)
    if (!plain.includes('"')) {
      if (plain.trim() !== '') yield { line, cells: plain.split(',').map(cell => cell.trim()) }
      from = lineEnd + 1
      line++
      continue
    }
    const record = quotedRecord(text, from)
    yield 'what' in record ? { line, what: record.what } : { line, cells: record.cells }
    for (let at = text.indexOf('\n', from); at >= 0 && at < record.end; at = text.indexOf('\n', at + 1)) line++
    from = record.end
  }
}

const ended = /[ \t]*(,|\r?\n|$)/y
const quoted = /[ \t]*"([^"]*(?:""[^"]*)*)"(?!")/y
const bare = /[^",\n]*/y

/** A record with quotes in it, from where it begins to behind its end. What follows a bad one is read from the next line. */
function quotedRecord(text: string, from: number): ({ cells: string[] } | { what: string }) & { end: number } {
  const cells: string[] = []
  for (let at = from; ;) {
    quoted.lastIndex = at
    const inQuotes = quoted.exec(text)
    bare.lastIndex = at
    const cell = inQuotes ? inQuotes[1]!.replaceAll('""', '"') : bare.exec(text)![0].trim()
    at = inQuotes ? quoted.lastIndex : bare.lastIndex
    ended.lastIndex = at
    const separator = ended.exec(text)
    if (!separator) {
      const next = text.indexOf('\n', at)
      const open = !inQuotes && cell === ''
      // Behind a quote that is never closed everything is the cell: no line of it is a record.
      return { what: open ? 'opens a quote that is never closed' : inQuotes ? 'goes on behind a closed quote' : 'has a quote inside of a cell that does not begin with one', end: open || next < 0 ? text.length : next + 1 }
    }
    cells.push(cell)
    at = ended.lastIndex
    if (separator[1] !== ',') return { cells, end: at }
  }
}
