import { describe, expect, it } from 'vitest'
import { withoutAliases } from '../../src/cli/aliases.js'
import { formatAskedFor, splitLeading } from '../../src/cli/global-flags.js'
import { nearest } from '../../src/cli/near.js'
import { parseRefusal, unknownFlags } from '../../src/cli/parse-refusal.js'
import { findCommand } from '../../src/cli/router.js'

const words = (line: string) => line.split(' ')

describe('the words of a command', () => {
  it('takes global flags before the topic and between topic and verb, and leaves the rest alone', () => {
    expect(splitLeading(words('-o json -q --farm=f vm start a -o yaml'))).toEqual({ leading: words('-o json -q --farm=f'), rest: words('vm start a -o yaml') })
    expect(splitLeading(words('vm -ojson --sort name list'))).toEqual({ leading: words('-ojson --sort name'), rest: words('vm list') })
    expect(splitLeading(words('vm start -- -o'))).toEqual({ leading: [], rest: words('vm start -- -o') })
    expect(splitLeading(words('--bogus vm list'))).toEqual({ leading: [], rest: words('--bogus vm list') })
    expect(splitLeading([])).toEqual({ leading: [], rest: [] })
  })

  it('replaces aliases of topics and verbs only', () => {
    expect(withoutAliases(words('svr ls ls'))).toEqual(words('server list ls'))
    expect(withoutAliases(words('vm poweroff vm1'))).toEqual(words('vm stop --force vm1'))
    expect(withoutAliases(words('constructor toString'))).toEqual(words('constructor toString'))
  })

  it('finds the longest command', () => {
    const table = Object.fromEntries(['server list', 'server maintenance', 'server maintenance on'].map(id => [id, async () => ({ default: null })]))
    expect(findCommand(table, words('server maintenance on ovs1'))).toBe('server maintenance on')
    expect(findCommand(table, words('server maintenance ovs1'))).toBe('server maintenance')
    expect(findCommand(table, words('toString'))).toBeNull()
  })

  it('finds the format that errors are wanted in without parsing', () => {
    const asked = (line: string, byDefault?: string) => formatAskedFor(words(line), byDefault)
    expect(['vm list -o json', 'vm list --json', 'vm list --output=jsonl', '-oyaml vm', 'vm list', 'vm start -- --json', 'vm -o bogus'].map(line => asked(line))).toEqual(['json', 'json', 'jsonl', 'yaml', 'table', 'table', 'table'])
    expect(asked('vm list', 'json')).toBe('json')
  })

  it('suggests only what is near', () => {
    expect(nearest('strt', ['start', 'stop'])).toBe('start')
    expect(nearest('xyzzy', ['start', 'stop'])).toBeNull()
    // Two letters swapped are one slip.
    expect(nearest('queit', ['query', 'quiet'])).toBe('quiet')
    // Two slips in a short word leave nothing of it, and a beginning that fits one word alone is no slip.
    expect(['foo', 'halt'].map(word => nearest(word, ['iso', 'wait']))).toEqual([null, null])
    expect(['out', 're', 'reb'].map(word => nearest(word, ['sort', 'output', 'reboot', 'resume']))).toEqual(['output', null, 'reboot'])
  })

  it('turns what the parser says into one sentence, with the nearest flag', () => {
    const thrown = (message: string) => parseRefusal(Object.assign(new Error(message), { oclif: { exit: 2 } }))
    expect(unknownFlags(['--poool=x'], ['pool', 'on'])).toMatchObject({ code: 'usage.argument', exit: 2, hint: 'did you mean --pool?' })
    expect(thrown('Parsing --parallel \n\tExpected an integer but received: x\nSee more help with --help')?.message).toBe('--parallel: expected an integer but received: x')
    expect(thrown('The following error occurred:\n  Missing required flag to\nSee more help with --help')?.message).toBe('--to is missing')
    expect(parseRefusal(new Error('a defect'))).toBeNull()
  })
})
