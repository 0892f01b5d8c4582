import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { wireMethods } from '../../src/contract/wire/port.js'
import { oracleServices } from '../../src/wsapi/oracle/operations.js'

const page = readFileSync(new URL('../../docs/wire.md', import.meta.url), 'utf8')

it('docs/wire.md tells of every call, and of every operation of 2.2 whether its name is attested', () => {
  const [ours, theirs] = page.split('## The five services of 2.2') as [string, string]
  for (const method of wireMethods) expect(ours, method).toContain(`\`${method}\``)
  for (const [service, operations] of Object.entries(oracleServices)) {
    const [, , attested, own] = theirs.split('\n').find(line => line.startsWith(`| \`${service}\``))!.split('|')
    const named = (cell: string) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!).sort()
    const all = Object.entries(operations)
    expect(named(attested!), service).toEqual(all.filter(([, one]) => one.attested).map(([name]) => name).sort())
    expect(named(own!), service).toEqual(all.filter(([, one]) => !one.attested).map(([name]) => name).sort())
  }
})
