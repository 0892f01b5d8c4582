import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderJunit } from '../../src/cli/junit-view.js'
import { xmlText } from '../../src/cli/xml-text.js'
import type { Report, ReportItem } from '../../src/contract/manager.js'
import { itemResults, type ItemResult } from '../../src/model/object-states.js'
import type { ErrorCode } from '../../src/model/errors.js'
import { parseXml, type Element } from './strict-xml.js'

function item(name: string, result: ItemResult, error: [ErrorCode, string, string | null] | null = null): ReportItem {
  return { kind: 'vm', id: `vm-${name}`, name, pool: 'prod', result, state: null, job: null, startedAt: null, seconds: 1.5, error: error && { code: error[0], message: error[1], hint: error[2], details: null } }
}

function report(items: ReportItem[]): Report {
  const count = (result: ItemResult) => items.filter(one => one.result === result).length
  return {
    run: 'run-1', operation: 'vm.start', farm: 'figure-8', user: 'admin', total: items.length, done: count('done'), unchanged: count('unchanged'), failed: count('failed'), unknown: count('unknown'),
    notAttempted: count('not-attempted'), accepted: count('accepted'), wouldDo: count('would-do'), wouldFail: count('would-fail'), startedAt: '2010-07-28T00:00:00Z', endedAt: '2010-07-28T00:00:41Z', elapsedSeconds: 41.2, items,
  }
}

/** The document's suite, and its cases. */
function parsed(of: Report): { suite: Element; cases: Element[] } {
  const [suite] = parseXml(renderJunit(of)).children
  return { suite: suite!, cases: suite!.children.filter(child => child.name === 'testcase') }
}

/** A text as a reader of the document gets it: what XML cannot hold made visible. */
const shown = (text: string) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|\p{Cs}/gu, char => { const code = char.charCodeAt(0).toString(16); return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}` })

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", ']', '\n', '\r', '\t', ' ', '\u0000', '\u001b', '\u0085', '\ud800', '\udc00', '\ufffe', '\uffff', '😀', '日') }))

describe('the report as JUnit', () => {
  it('is a suite a run with a case an item, in target order', () => {
    const document = renderJunit(report([item('web1', 'done'), item('web2', 'failed', ['capacity.memory', 'no server has 4 GiB free', 'stop a guest']), item('web3', 'not-attempted', ['run.stopped', 'earlier failures ended the run', null])]))
    expect(document).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="ovmcli" tests="3" failures="1" errors="0" skipped="1" time="41.2">
  <testsuite name="vm.start" tests="3" failures="1" errors="0" skipped="1" time="41.2" timestamp="2010-07-28T00:00:00Z" hostname="figure-8">
    <properties>
      <property name="run" value="run-1"/>
      <property name="user" value="admin"/>
    </properties>
    <testcase classname="prod" name="web1" time="1.5"><properties><property name="result" value="done"/></properties></testcase>
    <testcase classname="prod" name="web2" time="1.5"><properties><property name="result" value="failed"/></properties><failure type="capacity.memory" message="no server has 4 GiB free">stop a guest</failure></testcase>
    <testcase classname="prod" name="web3" time="1.5"><properties><property name="result" value="not-attempted"/></properties><skipped message="earlier failures ended the run"/></testcase>
  </testsuite>
</testsuites>
`)
  })

  it('has a word of JUnit for every result', () => {
    const { suite, cases } = parsed(report(itemResults.map(result => item(result, result, ['vm.state', 'no', null]))))
    expect(Object.fromEntries(cases.map(({ attributes, children }) => [attributes['name'], children[1]?.name ?? null]))).toEqual({ done: null, unchanged: null, failed: 'failure', unknown: 'error', 'not-attempted': 'skipped', accepted: null, 'would-do': null, 'would-fail': 'failure' })
    expect(suite.attributes).toMatchObject({ tests: '8', failures: '2', errors: '1', skipped: '1' })
  })

  it('does without what a report does not know: a run, a pool, a time, an error', () => {
    const { suite, cases } = parsed({ ...report([{ ...item('ovs1', 'failed'), kind: 'server', pool: null, seconds: null }]), run: null })
    expect(suite.children[0]!.children.map(property => property.attributes['name'])).toEqual(['user'])
    expect([cases[0]!.attributes, cases[0]!.children[1]!.attributes]).toEqual([{ classname: 'server', name: 'ovs1', time: '0' }, { type: 'failed', message: 'failed' }])
    expect(parsed(report([])).cases).toEqual([])
  })

  it('is well-formed and says the same whatever names and messages hold', () => {
    fc.assert(fc.property(anyText, anyText, anyText, anyText, fc.constantFrom(...itemResults), (name, message, hint, pool, result) => {
      const { suite, cases: [one] } = parsed({ ...report([{ ...item(name, result, ['vm.state', message, hint]), pool }]), farm: pool, user: name, run: message })
      expect([one!.attributes['name'], one!.attributes['classname'], suite.attributes['hostname']]).toEqual([shown(name), shown(pool), shown(pool)])
      const verdict = one!.children[1]
      if (verdict) expect([verdict.attributes['message'], verdict.text]).toEqual([shown(message), verdict.name === 'skipped' ? '' : shown(hint)])
    }), { numRuns: 1_000 })
  })

  it('makes visible what XML has no place for', () => {
    expect(xmlText('a\u0000\u001b[31m\ud800b\udc00\ufffe\uffff\u0085é😀')).toBe('a\\x00\\x1b[31m\\ud800b\\udc00\\ufffe\\uffff\\x85é😀')
    expect(xmlText('<a b="c" d=\'e\'>&\t\r\n')).toBe('&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;&#9;&#13;&#10;')
  })

  it('looks at each item once, however many there are', () => {
    let looks = 0
    const many = Array.from({ length: 10_000 }, (_, at) => item(`vm${at}`, at % 2 ? 'done' : 'failed', at % 2 ? null : ['capacity.memory', 'no server has <4 GiB> free', 'stop "some" guest']))
    const watched = report(many)
    watched.items = many.map(one => ({ ...one, get name() { looks++; return one.name } }))
    expect(renderJunit(watched).split('<testcase ')).toHaveLength(10_001)
    expect(looks).toBe(10_000)
  })
})
