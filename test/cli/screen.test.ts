import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { waitExit } from '../../src/cli/job-wait.js'
import { entriesOf, fieldsToCompare, ListChanges } from '../../src/cli/list-changes.js'
import { cutPainted, Screen } from '../../src/cli/screen.js'
import { displayWidth } from '../../src/cli/display-width.js'

/** A terminal of so many lines and cells that knows what it shows, as far as a screen steers it. */
class FakeTerminal {
  lines: string[] = ['$ ovmcli vm list --watch', '']
  cursorShown = true
  writes = 0
  private row = 1

  constructor(public columns: number, public rows: number) {}

  async write(text: string): Promise<void> {
    this.writes++
    for (const token of text.match(/\u001b\[[?0-9]*[a-zA-Z]|\r|\n|[^\u001b\r\n]+/g) ?? []) {
      const up = /^\u001b\[(\d+)A$/.exec(token)
      if (up) this.row -= Number(up[1])
      else if (token === '\u001b[K') this.lines[this.row] = ''
      else if (token === '\u001b[J') this.lines.length = this.row
      else if (token === '\u001b[2J') this.lines = []
      else if (token === '\u001b[H') this.row = 0
      else if (token === '\u001b[?25l') this.cursorShown = false
      else if (token === '\u001b[?25h') this.cursorShown = true
      else if (token === '\n') this.row++
      else if (!/^\u001b|\r/.test(token)) this.lines[this.row] += token
    }
  }
}

describe('a screen', () => {
  it('draws over what it drew, in one write, keeps what stood above, and shows the cursor again', async () => {
    const terminal = new FakeTerminal(20, 6)
    const screen = new Screen(() => {}, terminal)
    await screen.draw('one\ntwo\nthree\n')
    await screen.draw('one\n2\n')
    await screen.draw('one\n2\n')
    expect(terminal).toMatchObject({ lines: ['$ ovmcli vm list --watch', 'one', '2'], cursorShown: false, writes: 2 })
    await screen.close()
    expect(terminal).toMatchObject({ lines: ['$ ovmcli vm list --watch', 'one', '2'], cursorShown: true })
  })

  it('is never higher or wider than its terminal, whatever is drawn', async () => {
    const text = fc.array(fc.string({ unit: fc.constantFrom('a', '漢', ' ', '\u001b[31m', '\u001b[39m'), maxLength: 40 }), { maxLength: 20 })
    await fc.assert(fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 12 }), async (pictures, columns, rows) => {
      const terminal = new FakeTerminal(columns, rows)
      const screen = new Screen(() => {}, terminal)
      for (const lines of pictures) {
        await screen.draw(lines.join('\n'))
        const shown = terminal.lines.slice(1)
        expect(shown.length).toBeLessThanOrEqual(Math.max(1, rows - 1))
        expect(shown.length).toBe(Math.min(Math.max(1, rows - 1), lines.join('\n').replace(/\n$/, '').split('\n').length))
        for (const line of shown) expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(1, columns - 1))
      }
    }))
  })

  it('cuts painted lines by what is seen of them, and ends their colour', () => {
    expect(cutPainted('\u001b[32mRunning\u001b[39m  ovs1', 4)).toBe('\u001b[32mRunn\u001b[0m')
    expect(cutPainted('\u001b[32mRunning\u001b[39m', 7)).toBe('\u001b[32mRunning\u001b[39m')
    expect(cutPainted('漢字', 3)).toBe('漢')
  })
})

describe('what changed in a list', () => {
  it('adds up to the list as it is, each line a record that is another, none said twice', async () => {
    const record = fc.record({ id: fc.constantFrom('a', 'b"', 'c,\n', 'd'), state: fc.constantFrom('on', 'off'), name: fc.string({ maxLength: 3 }) })
    const list = fc.uniqueArray(record, { selector: one => one.id, maxLength: 4 })
    await fc.assert(fc.asyncProperty(fc.array(list, { maxLength: 5 }), fc.boolean(), async (rounds, chosen) => {
      const changes = new ListChanges(chosen ? ['state', 'id'] : null)
      const added = new Map<string, string>()
      for (const rows of rounds) {
        const pages = async function* () { if (rows.length > 0) yield `[${rows.map(row => JSON.stringify(row)).join(',\n')}]` }
        const shown = (row: (typeof rows)[number]) => JSON.stringify(chosen ? { state: row.state, id: row.id } : row)
        const lines = (await changes.next(entriesOf(pages()))).split('\n').slice(0, -1)
        expect(new Set(lines).size).toBe(lines.length)
        for (const line of lines) {
          const { id, removed } = JSON.parse(line) as { id: string; removed?: true }
          if (removed) expect(added.delete(id)).toBe(true)
          else added.set(id, line)
        }
        expect([...added].sort()).toEqual(rows.map(row => [row.id, shown(row)]).sort())
      }
    }))
    expect([fieldsToCompare(null), fieldsToCompare(['name', 'id']), fieldsToCompare(['name'])]).toEqual([null, ['id', 'name'], ['id', 'name']])
  })
})

describe('the exit of a wait for jobs', () => {
  it('is 0 when all succeeded, 7 when some have not ended, the code of its error for one, 6 for several', () => {
    const ok = { state: 'succeeded', error: null }
    const failed = { state: 'failed', error: { code: 'agent.unreachable' } }
    const gone = { state: 'aborted', error: null }
    const fault = (code: 'run.deadline' | 'wait.endless') => ({ code, message: '', hint: null, details: null })
    expect([[], [ok], [ok, ok], [failed], [gone], [ok, failed], [failed, gone]].map(records => waitExit({ records, gaveUp: null }))).toEqual([0, 0, 0, 8, 5, 6, 6])
    expect([fault('run.deadline'), fault('wait.endless')].map(gaveUp => waitExit({ records: [failed, ok], gaveUp }))).toEqual([7, 7])
  })
})
