import { expect, it } from 'vitest'
import { jsonJournal } from '../../src/serve/journal.js'
import { Metrics } from '../../src/serve/metrics.js'
import { UnservedConnections } from '../../src/serve/unserved.js'

it('tells of one of a kind and peer a minute, and how many there were since; all are counted', () => {
  const lines: Record<string, unknown>[] = []
  const metrics = new Metrics()
  let now = 0
  const unserved = new UnservedConnections(jsonJournal(line => lines.push(JSON.parse(line) as never)), metrics, () => now)
  for (let times = 0; times < 500; times++) unserved.note('silent', '10.0.0.1')
  unserved.note('silent', '10.0.0.2')
  unserved.note('no-tls', '10.0.0.1')
  now = 60_000
  unserved.note('silent', '10.0.0.1')
  expect(lines.map(({ event, level, why, address, more }) => [event, level, why, address, more])).toEqual([
    ['connection.unserved', 'warn', 'silent', '10.0.0.1', 0], ['connection.unserved', 'warn', 'silent', '10.0.0.2', 0], ['connection.unserved', 'warn', 'no-tls', '10.0.0.1', 0], ['connection.unserved', 'warn', 'silent', '10.0.0.1', 499],
  ])
  expect(metrics.text({})).toContain('ovmcli_connections_unserved_total{why="silent"} 502\n')
})
