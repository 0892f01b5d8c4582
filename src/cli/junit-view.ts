import type { Report, ReportItem } from '../contract/manager.js'
import { xmlText } from './xml-text.js'

/** A report as JUnit XML, for servers that show test results: a suite a run, a case an item, in target order. */
export function renderJunit(report: Report): string {
  const counts = { tests: report.total, failures: report.failed + report.wouldFail, errors: report.unknown, skipped: report.notAttempted }
  const suite = { name: report.operation, ...counts, time: report.elapsedSeconds, timestamp: report.startedAt, hostname: report.farm }
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'ovmcli', ...counts, time: report.elapsedSeconds })}>`,
    `  <testsuite${attributes(suite)}>`,
    '    <properties>',
    ...[['run', report.run], ['user', report.user]].flatMap(([name, value]) => (value === null ? [] : [`      <property${attributes({ name: name!, value: value! })}/>`])),
    '    </properties>',
    ...report.items.map(testcase),
    '  </testsuite>',
    '</testsuites>',
  ]
  return `${lines.join('\n')}\n`
}

/** Written out attribute by attribute: of these there may be many thousands. */
function testcase(item: ReportItem): string {
  const head = `    <testcase classname="${xmlText(item.pool ?? item.kind)}" name="${xmlText(item.name)}" time="${item.seconds ?? 0}">`
  return `${head}<properties><property name="result" value="${item.result}"/></properties>${verdict(item)}</testcase>`
}

/** What JUnit calls the result: nothing when it is good. */
function verdict({ result, error }: ReportItem): string {
  const message = xmlText(error?.message ?? result)
  switch (result) {
    case 'failed':
    case 'would-fail': return `<failure type="${xmlText(error?.code ?? result)}" message="${message}">${xmlText(error?.hint ?? '')}</failure>`
    case 'unknown': return `<error type="${xmlText(error?.code ?? result)}" message="${message}">${xmlText(error?.hint ?? '')}</error>`
    case 'not-attempted': return `<skipped message="${message}"/>`
    default: return ''
  }
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values).map(([name, value]) => ` ${name}="${typeof value === 'number' ? value : xmlText(value)}"`).join('')
}
