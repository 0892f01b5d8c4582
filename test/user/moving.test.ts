import { describe, expect, it } from 'vitest'
import { withoutAliases } from '../../src/cli/aliases.js'
import { globalFlags } from '../../src/cli/global-flags.js'
import { findCommand } from '../../src/cli/router.js'
import { splitWords } from '../../src/cli/shell-words.js'
import { commandTable } from '../../src/command-table.js'
import { textOf } from '../console-pages.js'
import { Session } from '../session.js'

interface Row { old: string; today: string[]; state: string; missing: string[] }

const page = textOf('docs/moving-from-2.2.md')
const commandsIn = (cell: string) => [...cell.matchAll(/`ovmcli ([^`]*)`/g)].map(match => match[1]!)
/** The rows of both tables: the first cell (a use case, or a line of 2.2), today's commands, the state, and the commands that the state says are missing. */
const rows: Row[] = page.split('\n').filter(line => /^\| .*\| (there|partly|not yet)/.test(line)).map(line => {
  const cells = line.slice(1, -1).split(' | ').map(cell => cell.trim())
  const [today, state] = cells.slice(-2) as [string, string]
  return { old: cells[0]!, today: commandsIn(today), state: state.split(':')[0]!, missing: commandsIn(state) }
})

/** Whether there is such a command with such flags. */
async function isThere(line: string): Promise<boolean> {
  const words = splitWords(line).words
  while (words[0]?.startsWith('-')) words.splice(0, 2)
  const plain = withoutAliases(words)
  const id = findCommand(commandTable, plain)
  // A topic whose name a longer command begins with counts: `server maintenance` is `server maintenance on` and `off`.
  if (id === null) return Object.keys(commandTable).some(known => known.startsWith(`${plain.slice(0, 2).join(' ')} `))
  const { flags = {} } = (await commandTable[id]!()).default as { flags?: Record<string, unknown> }
  return words.filter(word => word.startsWith('--')).every(word => word.slice(2) in flags || word.slice(2) in globalFlags || (flags[word.slice('--no-'.length)] as { allowNo?: boolean } | undefined)?.allowNo === true)
}

describe('docs/moving-from-2.2.md', () => {
  it('has a row for every use case of the list', () => {
    const lines = page.split('\n').filter(line => line.startsWith('| '))
    expect(rows.length, 'rows with a state that is understood, without the two headings').toBe(lines.length - 2)
    const cases = ['Power On', 'Power Off', 'Clone', 'Save as Template', 'Import', 'Migrate', 'Pause', 'Unpause', 'Suspend', 'Resume', 'Delete', 'ISO files', 'templates', 'images', 'users', 'groups', 'Create server pools', 'Configure server pools', 'Agent', 'running guests in a server pool', 'active pool servers', 'Diagnose and troubleshoot', 'status of guests', 'status of servers', 'status of server pools', 'multiple guests', 'multiple servers', 'multiple server pools']
    expect(cases.filter(wanted => !rows.some(({ old }) => old.includes(wanted)))).toEqual([])
  })

  it('says of every row what is so today', async () => {
    for (const { old, today, state, missing } of rows) {
      expect({ old, today: today.length > 0, missing: missing.length > 0 }).toEqual({ old, today: state !== 'not yet', missing: state !== 'there' })
      for (const command of today) expect(await isThere(command), `${command} is called there`).toBe(true)
      for (const command of missing) expect(await isThere(command), `${command} is called not yet, and has come: bring the page up to date`).toBe(false)
    }
  })

  it("every command of today works, row by row, on a farm that runs", () => {
    const farm = new Session('figure-8', '--running')
    const commands = rows.flatMap(({ today }) => today)
    const { stdout, stderr } = farm.runWith({ input: commands.join('\n') }, 'batch')
    const ended = stdout.trimEnd().split('\n').map(line => JSON.parse(line) as { command: string; exit: number })
    expect(ended.filter(({ exit }) => exit !== 0), stderr).toEqual([])
    expect(ended.map(({ command }) => command)).toEqual(commands)
  })
})
