import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rightOf } from '../../src/cli/command-rights.js'
import { spokenCommand } from '../../src/cli/spoken-command.js'
import { recordKinds } from '../../src/contract/fields.js'
import { commandTable } from '../../src/command-table.js'
import { Refusal } from '../../src/model/errors.js'
import { refusal } from '../refusal.js'

const ids = Object.keys(commandTable)
const say = (line: string) => spokenCommand(line.split(' '), ids)

describe('the rights of commands', () => {
  it('are said of every command there is', () => {
    expect(ids.filter(id => rightOf(id) === undefined)).toEqual([])
    expect(rightOf('vm frobnicate')).toBeUndefined()
    expect(rightOf('constructor list')).toBeUndefined()
  })

  it('are those of the operation, or the kind, that the command has', async () => {
    let compared = 0
    for (const id of ids) {
      const { default: Command } = (await commandTable[id]!()) as { default: new (argv: string[], config: object) => { operation?: string; kind?: string } }
      const { operation, kind } = new Command([], {})
      if (operation !== undefined) expect(rightOf(id)?.action, id).toBe(operation)
      const record = recordKinds.find(each => each === kind)
      if (record) expect(rightOf(id)?.names, id).toBe(record)
      if (operation !== undefined || record) compared++
    }
    expect(compared).toBeGreaterThan(25)
  })
})

describe('a command that is spoken of', () => {
  it('is found by verb and topic in either order, with and without a name', () => {
    fc.assert(fc.property(fc.constantFrom(...ids), fc.option(fc.string({ minLength: 1 }).filter(name => !name.includes(' '))), (id, name) => {
      const words = id.split(' ')
      const spoken = [words.at(-1)!, ...words.slice(0, -1)]
      // `fault sim list` is sim fault, of something called list: three words that are a command themselves go first.
      fc.pre(name === null || !ids.some(other => other.split(' ').length > words.length && [`${id} ${name}`, `${words.at(0)} ${name} ${words.at(-1)}`].includes(other)))
      for (const order of [spoken, words]) expect(spokenCommand([...order, ...(name === null ? [] : [name])], ids)).toMatchObject({ id, name, verb: words.at(-1) })
    }))
  })

  it('is found by the aliases of topics and verbs', () => {
    expect(['ls svr', 'poweron vm vm1', 'tmpl info x', 'rm sim f'].map(line => say(line).id)).toEqual(['server list', 'vm start', 'template show', 'sim delete'])
    // A name is taken as it is, be it the alias of something.
    expect(say('start vm sd').name).toBe('sd')
  })

  it('is helped to the near one where there is none', () => {
    const helped = (line: string) => { const { code, exit, hint } = refusal(() => say(line)); return [code, exit, hint] }
    expect(helped('strat vm')).toEqual(['usage.command', 2, 'did you mean: ovmcli can-i start vm'])
    expect(helped('vm strat')).toEqual(['usage.command', 2, 'did you mean: ovmcli can-i start vm'])
    expect(helped('start vmm')).toEqual(['usage.command', 2, 'did you mean: ovmcli can-i start vm'])
    expect(helped('start')[2]).toContain('topics: agent server vm')
    expect(helped('vm')[2]).toContain('VERB vm')
    expect(helped('start vm a b')).toEqual(['usage.argument', 2, expect.stringContaining('can-i start vm vm1')])
    expect(refusal(() => spokenCommand([], ids)).exit).toBe(2)
  })

  it('is a command or an error of usage, whatever the words', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('vm', 'start', 'sim', 'fault', 'toString', '__proto__')), { maxLength: 5 }), words => {
      try {
        expect(ids).toContain(spokenCommand(words, ids).id)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        expect(error.exit).toBe(2)
      }
    }))
  })
})
