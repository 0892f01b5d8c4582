/** A record of a list as JSON text, and its id as JSON text. */
export interface Entry { id: string; text: string }

/** What changed in a list from one look to the next, as JSON lines: records that are new or other than before, whole, and `{"id":…,"removed":true}` for those that left the list. */
export class ListChanges {
  private known = new Map<string, string>()

  /** @param columns the fields to print; null: all there are */
  constructor(private readonly columns: readonly string[] | null) {}

  /** The lines of a round. */
  async next(entries: Iterable<Entry> | AsyncIterable<Entry>): Promise<string> {
    const now = new Map<string, string>()
    const lines: string[] = []
    for await (const { id, text } of entries) {
      now.set(id, text)
      if (this.known.get(id) !== text) lines.push(this.lineOf(text))
    }
    for (const id of this.known.keys()) if (!now.has(id)) lines.push(`{"id":${id},"removed":true}`)
    this.known = now
    return lines.map(line => `${line}\n`).join('')
  }

  private lineOf(text: string): string {
    if (this.columns === null) return text
    const record = JSON.parse(text) as Record<string, unknown>
    return JSON.stringify(Object.fromEntries(this.columns.map(name => [name, record[name]])))
  }
}

/** The fields to ask the manager for: `id` first, by which records are told apart. */
export function fieldsToCompare(columns: readonly string[] | null): string[] | null {
  return columns && ['id', ...columns.filter(name => name !== 'id')]
}

/** The records of pages of JSON, a record a line, `id` their first field. */
export async function* entriesOf(pages: AsyncIterable<string>): AsyncGenerator<Entry> {
  for await (const page of pages) for (const text of page.slice(1, -1).split(',\n')) yield { id: /^\{"id":("(?:[^"\\]|\\.)*")/.exec(text)![1]!, text }
}
