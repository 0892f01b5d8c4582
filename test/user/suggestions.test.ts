import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runHere, wordsOf } from '../in-process.js'

describe('words that are not understood', () => {
  it.each([
    ['--frm figure-8 vm list', 'usage.argument', 'did you mean --farm?'],
    ['--outptu=json vm list', 'usage.argument', 'did you mean --output?'],
    ['vm list --out json', 'usage.argument', 'did you mean --output?'],
    ['filters', 'usage.command', 'did you mean: ovmcli help filters'],
    ['exit-code', 'usage.command', 'did you mean: ovmcli help exit-codes'],
    ['srv list', 'usage.command', 'did you mean: ovmcli server'],
    ['vm reb vm1', 'usage.command', 'did you mean: ovmcli vm reboot'],
  ])('%s: the near one is suggested, to people and in JSON', async (line, code, hint) => {
    const home = mkdtempSync(join(tmpdir(), 'ovm-suggest-'))
    const plain = await runHere(home, wordsOf(line))
    expect(plain).toMatchObject({ exit: 2, stdout: '' })
    expect(plain.stderr).toContain(`Hint: ${hint}\n`)
    const asJson = await runHere(home, ['--json', ...wordsOf(line)])
    expect(asJson.exit).toBe(2)
    expect(JSON.parse(asJson.stdout)).toMatchObject({ error: { code, exit: 2, hint } })
  })

  it('suggests nothing where nothing is near, and misses the value of a global flag', async () => {
    const home = mkdtempSync(join(tmpdir(), 'ovm-suggest-'))
    expect((await runHere(home, ['foo'])).stderr).toContain('Hint: topics: ')
    expect((await runHere(home, ['--dry-run', 'vm', 'start'])).stderr).toContain('only global flags may stand before')
    expect(await runHere(home, ['-o'])).toMatchObject({ exit: 2, stdout: '', stderr: expect.stringContaining('flag -o expects a value') as string })
  })
})
