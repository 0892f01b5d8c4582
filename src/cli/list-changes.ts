/** What changed in a list from one look to the next, as JSON lines: records that are new or other than before, whole, and `{"id":…,"removed":true}` for those that left the list. */
export class ListChanges {
  private known = new Map<string, string>()

  /** @param columns the fields to print; null: all there are */
  constructor(private readonly columns: readonly string[] | null) {}

  /** The fields to ask the manager for: `id` first, by which records are told apart. */
  static fieldsFor(columns: readonly string[] | null): string[] | null {
    return columns && ['id', ...columns.filter(name => name !== 'id')]
  }

  /** The lines of a round. @param pages JSON arrays with a record a line */
  async next(pages: AsyncIterable<string>): Promise<string> {
    const now = new Map<string, string>()
    const lines: string[] = []
    for await (const page of pages) {
      for (const text of page.slice(1, -1).split(',\n')) {
        const id = idOf(text)
        now.set(id, text)
        if (this.known.get(id) !== text) lines.push(this.lineOf(text))
      }
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

/** The id of a record whose first field it is, as JSON text. */
function idOf(text: string): string {
  return /^\{"id":("(?:[^"\\]|\\.)*")/.exec(text)![1]!
}
