import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roff } from '../../scripts/reference/roff.js'
import { factsOf } from '../../src/cli/command-facts.js'
import { shownIds } from '../../src/cli/topics.js'
import { commandTable } from '../../src/command-table.js'

const folder = fileURLToPath(new URL('../../man', import.meta.url))
const groff = (files: string[], input = '') => spawnSync('groff', ['-man', '-ww', '-Tutf8', '-P-cbou', '-rLL=300n', '-k', ...files], { encoding: 'utf8', input, maxBuffer: 1 << 26 })
const hasGroff = groff([]).status === 0

describe('man pages', () => {
  it.skipIf(!hasGroff)('are set without a warning, with every example as it is to be typed', async () => {
    const files = readdirSync(folder)
    expect(files.sort()).toEqual(['ovmcli.1', ...shownIds(commandTable).map(id => `ovmcli-${id.replaceAll(' ', '-')}.1`)].sort())
    const set = groff(files.map(file => join(folder, file)))
    expect([set.status, set.stderr]).toEqual([0, ''])
    const lines = new Set(set.stdout.split('\n').map(line => line.trim()))
    for (const id of shownIds(commandTable)) for (const { command } of (await factsOf(commandTable, id)).examples) expect(lines).toContain(command)
  })

  it.skipIf(!hasGroff)('say any text as it is', () => {
    const texts = fc.sample(fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(...'.\'"\\-`^~%&abc (){}[]|é…日') }).map(text => text.trim()).filter(text => text !== ''), 300)
    const set = groff(['-'], `.TH X 1\n.SH TEXTS\n.nf\n${texts.map(text => `${roff(text)}\n`).join('')}`)
    expect(set.stderr).toBe('')
    const shown = set.stdout.split('\n').map(line => line.trim())
    for (const text of texts) expect(shown).toContain(text)
  })
})
