import { ValueFault } from './guest-fields.js'
import { csvRecords } from './csv-text.js'

/** How a file of guests is written. */
export const guestFormats = ['csv', 'yaml', 'jsonl', 'json'] as const
/** How a file of guests is written. */
export type GuestFormat = (typeof guestFormats)[number]

/** Where in a file something stands: its line, or, where lines say nothing, which guest it is; null: the file as a whole. */
export type Place = { line: number } | { guest: number } | null

/** One guest of a file: values by the names of their columns, as they stand there; or what is wrong with it. */
export type GuestRow = { place: Place; values: [string, unknown][] } | { place: Place; what: string; hint: string | null }

/** The longest YAML that is read, in MiB: its parser takes a second and a hundred MiB of memory for each. */
const mostYamlMiB = 4

/** The guests of a text. @throws ValueFault when it is nothing of that format at all */
export async function guestRows(text: string, format: GuestFormat): Promise<Iterable<GuestRow>> {
  if (format === 'csv') return csvRows(text)
  if (format === 'jsonl') return jsonLines(text)
  return format === 'json' ? jsonRows(text) : yamlRows(text)
}

/** The format of a file by its name, else by how its text begins. */
export function formatOf(source: string, text: string): GuestFormat {
  const named = /\.(csv|ya?ml|jsonl|ndjson|json)$/i.exec(source)?.[1]?.toLowerCase()
  if (named) return named === 'yml' ? 'yaml' : named === 'ndjson' ? 'jsonl' : (named as GuestFormat)
  const beginning = text.replace(/^\uFEFF?\s*/, '').slice(0, 1_000)
  if (beginning.startsWith('[')) return 'json'
  // Alone on its line a brace opens an object that goes on over several.
  if (beginning.startsWith('{')) return /^\{\s*\n/.test(beginning) ? 'json' : 'jsonl'
  return /^(---|%|#|- |-\n|[A-Za-z]+:(\s|$))/.test(beginning) ? 'yaml' : 'csv'
}

function* csvRows(text: string): Generator<GuestRow> {
  let columns: string[] | null = null
  for (const record of csvRecords(text)) {
    const place = { line: record.line }
    if ('what' in record) yield { place, what: record.what, hint: 'a cell with a comma, a quote or a line end in it stands in quotes, and its quotes are doubled' }
    else if (columns === null) {
      columns = headerOf(record.cells)
    } else if (record.cells.length > columns.length) yield { place, what: `has ${record.cells.length} cells, and the header names ${columns.length} columns`, hint: 'a cell with a comma in it stands in quotes' }
    else yield { place, values: columns.flatMap((column, at) => (record.cells[at] ? [[column, record.cells[at]] as [string, unknown]] : [])) }
    // Without a header nothing can be told of the rest.
    if (columns === null) return
  }
}

/** @throws ValueFault */
function headerOf(cells: string[]): string[] {
  if (cells.length === 1 && /[;\t]/.test(cells[0]!)) throw new ValueFault('the cells are not apart by commas', 'save it with commas between the cells')
  if (cells.includes('')) throw new ValueFault('a column has no name', 'the first line names the columns, such as name,pool,template')
  const twice = cells.find((cell, at) => cells.indexOf(cell) !== at)
  if (twice !== undefined) throw new ValueFault(`the header names ${JSON.stringify(twice.slice(0, 60))} twice`, 'leave one of them out')
  return cells
}

function* jsonLines(text: string): Generator<GuestRow> {
  for (let line = 1, from = text.startsWith('\uFEFF') ? 1 : 0; from < text.length; line++) {
    const end = text.indexOf('\n', from) < 0 ? text.length : text.indexOf('\n', from)
    const written = text.slice(from, end).trim()
    from = end + 1
    if (written === '') continue
    let value: unknown
    try {
      value = JSON.parse(written)
    } catch {
      // The words of the parser quote what stands there, and that may be a secret.
      yield { place: { line }, what: 'is not JSON', hint: 'write one object a line' }
      continue
    }
    yield rowOf(value, { line })
  }
}

/** @throws ValueFault */
function jsonRows(text: string): GuestRow[] {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const at = /at position (\d+)/.exec((error as Error).message)?.[1]
    throw new ValueFault(`is not JSON${at === undefined ? '' : ` in line ${text.slice(0, Number(at)).split('\n').length}`}`, 'write a list of objects')
  }
  return (Array.isArray(value) ? value : [value]).map((one: unknown, at) => rowOf(one, { guest: at + 1 }))
}

/** @throws ValueFault */
async function yamlRows(text: string): Promise<GuestRow[]> {
  if (Buffer.byteLength(text) > mostYamlMiB * 1_048_576) throw new ValueFault(`holds more than ${mostYamlMiB} MiB of YAML`, 'write so many guests as csv or JSON lines, which are read much faster')
  const { LineCounter, isSeq, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  // Texts as they stand, but for null: a guest may be called 08 or no. Merge keys (<<) are there for what many have in common.
  // 'silent' would not only say nothing: it leaves out every document behind the first.
  const document = parseDocument(text, { schema: 'failsafe', customTags: ['null'], merge: true, lineCounter: lines, prettyErrors: false, logLevel: 'error', stringKeys: true })
  const [bad] = [...document.errors, ...document.warnings]
  if (bad) throw new ValueFault(yamlFault(bad.code, lines.linePos(bad.pos[0]).line), 'write a list: - name: web1, and below it what it has')
  if (document.contents === null) return []
  const nodes = isSeq(document.contents) ? document.contents.items : [document.contents]
  let values: unknown
  try {
    // All in one: for each row alone every anchor would be looked for in the whole document.
    values = document.toJS({ maxAliasCount: mostAliases })
  } catch {
    throw new ValueFault('is not YAML: a reference (*name) is to what is not there, to itself, or to far too much', 'an anchor (&name) stands before what refers to it (*name)')
  }
  return (isSeq(document.contents) ? (values as unknown[]) : [values]).map((value, at) => {
    const { range } = nodes[at] as { range?: [number, number, number] | null }
    return rowOf(value, range ? { line: lines.linePos(range[0]).line } : { guest: at + 1 })
  })
}

/** How often an anchor may be referred to, and what that refers to in turn, all multiplied. */
const mostAliases = 100_000

/** What is wrong with a YAML document, in words that quote nothing of it. */
function yamlFault(code: string, line: number): string {
  const words: Record<string, string> = { DUPLICATE_KEY: 'says a key twice', MULTIPLE_DOCS: 'begins a second document', TAG_RESOLVE_FAILED: 'has a tag (!) that means nothing here', TAB_AS_INDENT: 'is indented by a tab', BAD_INDENT: 'is indented wrongly', NON_STRING_KEY: 'has a key that is no text' }
  return `is not YAML: line ${line} ${words[code] ?? `is not as YAML wants it (${code.toLowerCase().replaceAll('_', ' ')})`}`
}

/** A guest of a document: an object, of which what is null, or in YAML empty, was left out. */
function rowOf(value: unknown, place: Place): GuestRow {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { place, what: 'is no object', hint: 'write one object a guest: name, pool and what else it has' }
  return { place, values: Object.entries(value).filter(([, one]) => one !== null && one !== '' && one !== undefined) }
}
