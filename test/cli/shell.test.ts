import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, it, vi } from 'vitest'
import { BaseCommand } from '../../src/cli/base-command.js'
import { Collected } from '../../src/cli/collected.js'
import { History } from '../../src/cli/history.js'
import { programIs } from '../../src/cli/program.js'
import { Shell } from '../../src/cli/shell.js'
import { withStreams } from '../../src/cli/streams.js'

it('a shell bears one Ctrl-C while a command runs that does not hear it; the next meets nobody, and ends it', async () => {
  const pressed: number[] = []
  const own = process.rawListeners('SIGINT')
  const others = () => process.rawListeners('SIGINT').filter(listener => !own.includes(listener))
  class Hold extends BaseCommand {
    async run(): Promise<number> {
      pressed.push(others().length)
      others()[0]!('SIGINT')
      pressed.push(others().length)
      return 0
    }
  }
  programIs({ version: '0', wantsNode: '>=20', table: { hold: async () => ({ default: Hold }) } })
  const stdin = vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([Buffer.from('hold\nhold\n')]) as never)
  const streams = new Collected(false)
  expect(await withStreams(streams, () => new Shell(new Map(), async () => [[], '']).run())).toBe(0)
  stdin.mockRestore()
  expect(pressed).toEqual([1, 0, 1, 0])
  expect(others()).toEqual([])
  expect(streams.stderr).toBe('Ctrl-C again ends the shell\n'.repeat(2))
})

it('the history of a shell leaves out what would steer the terminal', () => {
  const home = mkdtempSync(join(tmpdir(), 'ovmcli-history-'))
  writeFileSync(join(home, 'shell-history'), 'vm list\nvm show \u001b]0;mine\u0007\n\u009b31m\nvm show é\n')
  expect(new History(home).lines).toEqual(['vm show é', 'vm list'])
  rmSync(home, { recursive: true })
})
