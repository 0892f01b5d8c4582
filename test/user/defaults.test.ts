import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Session } from '../session.js'

describe('defaults of flags', () => {
  it('come from the configuration, above it the environment, above that the command line', () => {
    const farm = new Session('figure-8')
    const config = join(farm.home, 'ovm', 'config')
    mkdirSync(config, { recursive: true })
    writeFileSync(join(config, 'config.yaml'), 'output: json\ncolumns: [name, state]\nlimit: 2\nsort: name:desc\nuser: operator\n')
    expect(farm.ok('vm list')).toBe('[\n{"name":"vm10","state":"powered-off"},\n{"name":"vm9","state":"powered-off"}\n]\n')
    // sort, limit and columns are for lists; the format is for all.
    expect(Object.keys(JSON.parse(farm.ok('vm show vm1')) as object).length).toBeGreaterThan(20)
    expect(farm.runWith({ env: { OVMCLI_OUTPUT: 'name', OVMCLI_LIMIT: '1' } }, 'vm list').stdout).toBe('vm10\n')
    expect(farm.runWith({ env: { OVMCLI_OUTPUT: 'name' } }, 'vm list -o csv --no-header --limit 1').stdout).toBe('vm10,powered-off\n')
    expect(JSON.parse(farm.ok('vm start vm1'))).toMatchObject({ user: 'operator', done: 1 })
    expect(farm.runWith({ env: { OVMCLI_QUERY: '[0].name' } }, 'vm list').stdout).toBe('"vm10"\n')
    // A query by default waits for a format that it works on.
    expect(farm.runWith({ env: { OVMCLI_QUERY: '[0].name' } }, 'vm list -o name').stdout).toBe('vm10\nvm9\n')
  })

  it('are refused where they make no sense, with the place that says so, and help still helps', () => {
    const farm = new Session('figure-8')
    const config = join(farm.home, 'ovm', 'config')
    const refused = (env: Record<string, string>, words = 'vm list') => {
      const { exit, stderr } = farm.runWith({ env }, words)
      expect(exit).toBe(2)
      return stderr
    }
    expect(refused({ OVMCLI_LIMIT: 'many' })).toContain('OVMCLI_LIMIT: "many"')
    expect(refused({ OVMCLI_QUIET: 'perhaps' })).toContain('OVMCLI_QUIET: "perhaps" is neither true nor false')
    mkdirSync(config, { recursive: true })
    for (const [text, said] of [['outptu: json', 'did you mean output?'], ['[1', 'is not YAML'], ['- a', 'is no list of settings'], ['output: xml', 'none of table'], ['output: {a: b}', 'output']] as const) {
      writeFileSync(join(config, 'config.yaml'), text)
      expect(refused({}), text).toContain(said)
    }
    expect(farm.run('vm list --help').exit).toBe(0)
    expect(farm.run('--version').exit).toBe(0)
  })
})
