import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { factsOf } from '../../src/cli/command-facts.js'
import { commandPage } from '../../src/cli/command-page.js'
import { displayWidth } from '../../src/cli/display-width.js'
import { helpTopics, topicPage } from '../../src/cli/help-topics.js'
import { showHelp } from '../../src/cli/help.js'
import { blocksOf, type Page } from '../../src/cli/page.js'
import { renderPage, wrap } from '../../src/cli/page-text.js'
import { withStreams } from '../../src/cli/streams.js'
import { overviewPage, topicHelpPage } from '../../src/cli/topic-page.js'
import { topics, topicsOf } from '../../src/cli/topics.js'
import { commandTable } from '../../src/command-table.js'
import { fieldsOf } from '../../src/contract/fields.js'
import { errorCodes, Refusal } from '../../src/model/errors.js'
import { filterOperators } from '../../src/model/filter.js'

const ids = Object.keys(commandTable)
const plain = (title: string) => title

/** What help prints for some words, on a pipe. */
async function help(line: string, leading: string[] = []): Promise<string> {
  let text = ''
  await withStreams({ out: async written => { text += written }, err: () => {}, outIsTerminal: false, errIsTerminal: false, inIsTerminal: false, inIsFree: false }, () => showHelp(commandTable, line.split(' ').filter(word => word !== ''), leading))
  return text
}

async function everyPage(): Promise<Page[]> {
  const withVerbs = topicsOf(ids).filter(topic => ids.some(id => id.startsWith(`${topic} `)))
  return [overviewPage(ids), ...Object.keys(helpTopics).map(topicPage), ...await Promise.all(withVerbs.map(topic => topicHelpPage(commandTable, topic))), ...await Promise.all(ids.map(async id => commandPage(await factsOf(commandTable, id))))]
}

describe('help', () => {
  it('fits into every width from 40 to 100, command lines and long words apart', async () => {
    const pages = await everyPage()
    expect(pages.length).toBeGreaterThan(60)
    for (const page of pages) {
      for (const width of [40, 60, 80, 100]) {
        for (const line of renderPage(page, width, plain).split('\n')) {
          if (displayWidth(line) > width && !/^ +\$ /.test(line)) expect([page.name, width, line.trim().split(' ')], 'only one word is wider').toEqual([page.name, width, [line.trim()]])
          expect(line, page.name).toBe(line.trimEnd())
        }
      }
      expect(renderPage(page, 80, plain)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
    }
  })

  it('loses no word when it breaks lines', () => {
    fc.assert(fc.property(fc.array(fc.string({ minLength: 1, maxLength: 30 }).filter(word => !/\s/.test(word))), fc.integer({ min: 1, max: 60 }), (words, width) => {
      const lines = wrap(words.join(' '), width)
      expect(lines.join(' ')).toBe(words.join(' '))
      for (const line of lines) expect(displayWidth(line) <= width || !line.includes(' ')).toBe(true)
    }))
  })

  it('shows every topic that has commands, in the order of the table, and says what it is', async () => {
    const overview = await help('')
    expect(topicsOf(ids).filter(topic => !topics[topic]), 'topics without a line in src/cli/topics.ts').toEqual([])
    for (const topic of topicsOf(ids)) expect(overview).toContain(`\n  ${topic} `)
    for (const topic of Object.keys(helpTopics)) expect(overview).toContain(`ovmcli help ${topic}`)
    expect(Object.keys(helpTopics).sort()).toEqual(['errors', 'exit-codes', 'filters', 'output', 'selecting'])
  })

  it('finds commands, topics and help topics by their words, whatever flags stand around them', async () => {
    const start = await help('vm start')
    for (const part of ['vm start: start guests', '--on SERVER', 'SELECTING FLAGS', 'POLICY FLAGS', 'GLOBAL FLAGS', '$ ovmcli vm start vm1 vm2']) expect(start).toContain(part)
    for (const words of ['--bogus vm start', 'vm start --bogus x', 'vm start vm1 vm2', 'vm start -o json']) expect(await help(words), words).toBe(start)
    expect(await help('vm')).toContain('reset-status  set guests to what their servers report')
    expect(await help('vm -o json')).toBe(await help('vm'))
    expect(await help('sim fault')).toContain('ovmcli sim fault clear')
    expect(await help('errors')).toContain('store.corrupt')
  })

  it('suggests what is near, and says what there is where nothing is', async () => {
    const thrown = async (line: string) => { const error = await help(line).catch((caught: unknown) => caught); expect(error).toBeInstanceOf(Refusal); return error as Refusal }
    expect(await thrown('vm strat')).toMatchObject({ code: 'usage.command', exit: 2, hint: 'did you mean: ovmcli vm start' })
    expect(await thrown('filter')).toMatchObject({ code: 'usage.command', hint: 'did you mean: ovmcli help filters' })
    expect(await thrown('serber list')).toMatchObject({ code: 'usage.command', hint: 'did you mean: ovmcli server' })
    expect((await thrown('xyzzyxyzzy')).hint).toContain('vm')
    expect(await thrown('constructor')).toMatchObject({ code: 'usage.command' })
  })

  it('prints its topics from the tables', async () => {
    const errors = (await help('errors')).replace(/\s+/g, ' ')
    for (const [code, { exit, meaning }] of Object.entries(errorCodes)) expect(errors).toContain(`${code} ${exit} ${meaning}`)
    const filters = await help('filters')
    for (const operator of filterOperators) expect(filters).toMatch(new RegExp(`^  ${operator} +\\S`, 'm'))
    const output = (await help('output')).replace(/\s+/g, ' ')
    expect(output).toContain(Object.keys(fieldsOf('vm')).join(' '))
  })

  it('takes lines with two blanks for rows', () => {
    expect(blocksOf('Kinds:\na b   one\nc     two\n\nThe end.')).toEqual([{ text: 'Kinds:' }, { rows: [['a b', 'one'], ['c', 'two']] }, { text: 'The end.' }])
  })
})
