import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findFaults } from '../../scripts/arrows.mjs'

function faultsIn(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'ovmcli-arrows-'))
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), text)
    }
    return (findFaults as (root: string) => string[])(root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

describe('the arrows between rooms', () => {
  it('point the right way in this project', () => {
    expect((findFaults as (root: string) => string[])(fileURLToPath(new URL('../..', import.meta.url)))).toEqual([])
  })

  it('are checked: a wrong one is found, static, dynamic or of a type', () => {
    expect(faultsIn({ 'commands/vm/x.ts': "import { a } from '../../src/manager/a.js'" })).toHaveLength(1)
    expect(faultsIn({ 'src/agent/x.ts': "const a = await import('../manager/a.js')" })).toHaveLength(1)
    expect(faultsIn({ 'src/store/x.ts': "import type { A } from '../contract/a.js'" })).toHaveLength(1)
    expect(faultsIn({ 'src/model/x.ts': "import { readFileSync } from 'node:fs'" })).toHaveLength(1)
    expect(faultsIn({ 'src/manager/x.ts': "import { a } from '../store/a.js'\nimport { b } from './b.js'" })).toEqual([])
    expect(faultsIn({ 'src/cli/utils.ts': 'export default 1' })).toHaveLength(2)
  })
})
