import { describe, expect, it } from 'vitest'
import { parseTargets, readTargets } from '../../src/cli/from-file.js'

describe('--from', () => {
  it('reads one name a line, in order, whatever the line ends', () => {
    expect(parseTargets('\uFEFFweb1\r\n# no\r\n\r\n  prod/web2  \nweb*', 'f')).toEqual(['web1', 'prod/web2', 'web*'])
  })

  it('reads JSON lines with a name and a pool, or an id', () => {
    expect(parseTargets('{"name":"a"}\n{"name":"a","pool":"p"}\n{"id":"vm-1","name":"a"}\n', 'f')).toEqual(['a', 'p/a', 'vm-1'])
  })

  it('refuses a bad line by its number', () => {
    for (const [text, what] of [['a\n{"nam":1}', 'line 2 of f has neither'], ['{', 'line 1 of f is not JSON'], ['a\u0007b', 'line 1 of f is not text']] as const) {
      expect(() => parseTargets(text, 'f'), text).toThrow(what)
    }
  })

  it('says which file cannot be read', () => {
    expect(() => readTargets('/nowhere/targets')).toThrow('cannot read /nowhere/targets: ENOENT')
  })
})
