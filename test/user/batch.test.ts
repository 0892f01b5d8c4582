import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linesOf, type Line } from '../../src/cli/lines.js'
import { quoted, splitWords } from '../../src/cli/shell-words.js'
import { Session } from '../session.js'

interface Answer { line: number; command: string; exit: number; result: unknown; error: { code: string; exit: number; message: string } | null }
const answers = (stdout: string) => stdout.trimEnd().split('\n').map(line => JSON.parse(line) as Answer)

describe('ovmcli batch', () => {
  it('runs a command a line over one open farm, and prints what became of each', () => {
    const farm = new Session('figure-8')
    const input = ['# morning', 'vm start vm1 "vm2" # two', '', 'ovmcli vm list --filter "state=running" --columns name,state --sort name:desc', 'vm pause vm9', 'vm pause vm1 vm9', 'vm strat vm1', 'vm stop "vm1', 'batch x', 'vm list -o name --limit 2', 'vm show vm1 --json --query state', 'vm start --from -'].join('\r\n')
    const { stdout, stderr, exit } = farm.runWith({ input }, 'batch -')
    expect(exit).toBe(6)
    const said = answers(stdout)
    expect(said.map(({ line, exit: own, error }) => [line, own, error?.code ?? null])).toEqual([
      [2, 0, null], [4, 0, null], [5, 5, 'vm.state'], [6, 6, 'vm.state'], [7, 2, 'usage.command'], [8, 2, 'usage.argument'], [9, 2, 'usage.command'], [10, 0, null], [11, 0, null], [12, 2, 'usage.argument'],
    ])
    expect(said[0]).toMatchObject({ command: 'vm start vm1 "vm2" # two', result: { done: 2 } })
    expect(said[1]!.result).toEqual([{ name: 'vm2', state: 'running' }, { name: 'vm1', state: 'running' }])
    expect(said[3]).toMatchObject({ result: { done: 1, failed: 1 }, error: { exit: 5 } })
    expect(said[4]!.result).toBeNull()
    expect(said.slice(7, 9).map(({ result }) => result)).toEqual(['vm1\nvm2\n', 'paused'])
    expect(Object.keys(said[0]!)).toEqual(['line', 'command', 'exit', 'result', 'error'])
    expect(stderr).toContain('line 7: Error: vm has no verb "strat"')
  })

  it('stops where it is told to, and takes global flags for every line', () => {
    const farm = new Session('figure-8')
    const file = join(farm.home, 'lines')
    writeFileSync(file, 'vm show nobody\nvm show vm1\n')
    const stopped = farm.run('batch --stop-on-error -q', file)
    expect([stopped.exit, answers(stopped.stdout).length]).toEqual([6, 1])
    expect(stopped.stderr.trimEnd().split('\n').filter(line => !/^line 1: (Error|Hint|Code): /.test(line))).toEqual([])
    writeFileSync(file, 'vm start vm1\nserver stop ovs1 --yes\nuser lock alice\n')
    const said = answers(farm.run('batch -u operator', file).stdout)
    expect(said.map(({ exit }) => exit)).toEqual([0, 5, 4])
    expect(said[0]!.result).toMatchObject({ farm: 'figure-8', user: 'operator' })
  })

  it('follows the farm that is current', () => {
    const farm = new Session('figure-8')
    const file = join(farm.home, 'lines')
    writeFileSync(file, 'sim create other --preset figure-6\nfarm status\nsim create other --preset figure-9 --replace\nfarm status\nsim use figure-8\nvm start vm1\nsim delete other --yes\nfarm status --farm other\n')
    const made = farm.run('batch -u operator', file)
    const said = answers(made.stdout)
    expect(said.map(({ exit }) => exit)).toEqual([0, 0, 4, 0, 0, 0, 4, 0])
    expect(said[1]!.result).toMatchObject({ farm: 'other' })
    expect(said[5]!.result).toMatchObject({ farm: 'figure-8', user: 'operator' })
    expect(answers(farm.run('batch', file).stdout).map(({ exit }) => exit)).toEqual([5, 0, 0, 0, 0, 0, 0, 3])
  })

  it('hands a query on to its lines, as every other global flag', () => {
    const farm = new Session('figure-8')
    const { stdout, exit } = farm.runWith({ input: 'vm show vm1\nvm list --query length(@)\n', env: { OVMCLI_OUTPUT: 'yaml' } }, 'batch -o json --query state')
    expect([exit, answers(stdout).map(({ result }) => result)]).toEqual([0, ['powered-off', 10]])
    expect(answers(farm.runWith({ input: 'vm list --limit 0', env: { OVMCLI_USER: 'nobody' } }, 'batch').stdout)[0]!.error!.message).toContain('nobody')
  })

  it('keeps errors apart from results, in every format', () => {
    const lines = ['vm show nobody', 'vm show nobody -o jsonl', 'vm show nobody -o yaml', 'vm show nobody -o csv', 'vm show vm1 --query {error:name}']
    const said = answers(new Session('figure-8').runWith({ input: lines.join('\n') }, 'batch').stdout)
    expect(said.map(({ result }) => result)).toEqual([null, null, null, null, { error: 'vm1' }])
    expect(said.map(({ error }) => error?.code ?? null)).toEqual([...Array<string>(4).fill('not-found.vm'), null])
  })

  it('tells of lines that are no text, and of files that cannot be read', () => {
    const farm = new Session('figure-8')
    const file = join(farm.home, 'lines')
    writeFileSync(file, Buffer.concat([Buffer.from('vm show vm1 --columns name\nvm show \u001b[31m\n'), Buffer.from([0xff, 0xfe, 10]), Buffer.from(`${'x'.repeat(70_000)}\nvm show vm2 --columns name`)]))
    const { stdout, exit } = farm.run('batch', file)
    expect([exit, ...answers(stdout).map(({ result, error }) => result ?? error!.message)]).toEqual([6, { name: 'vm1' }, 'line 2 holds control characters', 'line 3 is not UTF-8', 'line 4 is longer than 65536 bytes', { name: 'vm2' }])
    expect(farm.run('batch', farm.home)).toMatchObject({ exit: 2, stdout: '' })
    expect(farm.run('batch -o table -').exit).toBe(2)
    expect(farm.runWith({ input: '\n# nothing\n' }, 'batch')).toMatchObject({ exit: 0, stdout: '' })
  })
})

describe('lines and words', () => {
  it('come out whole, however the stream is cut', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.stringMatching(/^[ -~äß€]{0,12}$/), { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 7 }), async (texts, size) => {
      const bytes = Buffer.from(texts.join('\n'))
      const chunks = (async function* () { for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size) })()
      const lines: Line[] = []
      for await (const line of linesOf(chunks)) lines.push(line)
      const wanted = texts.at(-1) === '' ? texts.slice(0, -1) : texts
      expect(lines).toEqual(wanted.map((text, at) => ({ number: at + 1, text })))
    }))
  })

  it('are quoted and read back as they were', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: fc.constantFrom(..."ab' \"\\#$`*é-=/"), maxLength: 8 })), words => {
      expect(splitWords(words.map(quoted).join(' '))).toEqual({ words, open: null })
    }))
    expect(splitWords(`a"b c"'d e'\\ f # g`)).toEqual({ words: ['ab cd e f'], open: null })
    expect([`a "b`, `'`, 'a\\'].map(line => splitWords(line).open)).toEqual(['"', "'", '\\'])
  })
})
