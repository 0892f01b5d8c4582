import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Parser } from '@oclif/core'
import { afterAll, describe, expect, it } from 'vitest'
import { fieldsOfFlags, guestsOfFlags, newGuestFlags } from '../../src/cli/new-guest-flags.js'
import { guestSpec, type GuestSpec } from '../../src/model/guest-spec.js'
import { refusalOf } from '../refusal.js'

const folder = mkdtempSync(join(tmpdir(), 'ovmcli-flags-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function passwordFile(content: string | Uint8Array, mode = 0o600): string {
  const path = join(folder, `password-${mode.toString(8)}`)
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

const told: string[] = []
const tell = (line: string) => { told.push(line) }

/** The guests of a line of words, as oclif's parser takes it apart. */
async function guests(...words: string[]): Promise<GuestSpec[]> {
  const { flags, argv } = await Parser.parse(words, { flags: newGuestFlags, strict: false })
  return guestsOfFlags(argv as string[], flags, tell)
}

const base = ['web1', '--pool', 'prod', '--template', 'ol5']
const made = { name: 'web1', pool: 'prod', template: 'ol5' }

describe('the flags of a new guest', () => {
  it('say every field', async () => {
    const words = `web1 --pool prod --disk-mib 20GiB --type hvm --vcpus 2 --memory-mib 4GiB --nic bridge=xenbr0,mac=00:16:3E:0A:0B:0C --nic bridge=xenbr1 --ha --ha-priority 7 --server ovs1 --server ovs2,ovs3
      --cpu-priority 50 --cpu-cap 80 --boot cdrom --os win2003 --owner ann --group web --visibility shared --tag tier=web --tag note=a=b --repo repo-1 --keyboard de --start`.split(/\s+/)
    expect(await guests(...words, '--description', 'front, "first"', '--console-password-file', passwordFile('s3cret!\r\nmore\n'))).toEqual([guestSpec({
      name: 'web1', pool: 'prod', diskMiB: 20_480, type: 'hvm', vcpus: 2, memoryMiB: 4_096, nics: [{ bridge: 'xenbr0', mac: '00:16:3e:0a:0b:0c' }, { bridge: 'xenbr1', mac: null }], ha: true, haPriority: 7, preferredServers: ['ovs1', 'ovs2', 'ovs3'],
      cpuPriority: 50, cpuCap: 80, bootDevice: 'cdrom', os: 'win2003', owner: 'ann', group: 'web', visibility: 'shared', tags: { tier: 'web', note: 'a=b' }, repository: 'repo-1', keyboard: 'de', start: true, description: 'front, "first"', consolePassword: 's3cret!',
    })])
    expect(told).toEqual([])
    expect(await guests(...base)).toEqual([guestSpec(made)])
  })

  it('cover every field but the name, which is the argument', async () => {
    const every = fieldsOfFlags({ pool: 'p', template: 't', iso: 'i', pxe: true, 'disk-mib': '1', type: 'hvm', vcpus: '1', 'memory-mib': '64', nic: ['bridge=b'], ha: true, 'ha-priority': '0', server: ['s'], 'cpu-priority': '1', 'cpu-cap': '1', boot: 'hdd', os: 'el5', owner: 'o', group: 'g', visibility: 'private', tag: ['k=v'], repo: 'r', 'console-password-file': passwordFile('x'), keyboard: 'de', description: 'd', start: true }, tell)
    expect(['name', ...Object.keys(every)].sort()).toEqual(Object.keys(guestSpec({})).sort())
  })

  it('make as many guests as the names and patterns say', async () => {
    expect((await guests('web{08..10}', 'db', ...base.slice(1))).map(({ name }) => name)).toEqual(['web08', 'web09', 'web10', 'db'])
    expect(await guests('vm{1..100000}', ...base.slice(1))).toHaveLength(100_000)
    expect((await refusalOf(guests('vm{1..100000}', 'x', ...base.slice(1)))).fault).toMatchObject({ code: 'usage.name' })
    expect((await refusalOf(guests('a{1..2}', 'a2', ...base.slice(1)))).message).toBe('NAME: a2 is there more than once in pool prod')
    expect((await refusalOf(guests('a{1..2}', ...base.slice(1), '--nic', 'bridge=b,mac=00:16:3e:00:00:01'))).message).toBe('--nic: 00:16:3e:00:00:01 is the address of another guest too')
  })

  it('are refused with all that is wrong with them, by their own names', async () => {
    expect((await refusalOf(guests())).fault).toMatchObject({ code: 'usage.argument', message: 'NAME is missing; --pool is missing; --template is missing, and so is every other source' })
    const wrong = await refusalOf(guests('a b', '--pool', 'p', '--disk-mib', 'much', '--vcpus', 'x', '--memory-mib', '1', '--tag', 'k', '--nic', 'mac=1', '--os', 'widnows7', '--cpu-cap', '101', '--console-password-file', '/nowhere'))
    expect((wrong.details as { faults: { flag: string }[] }).faults.map(({ flag }) => flag)).toEqual(['--disk-mib', '--vcpus', '--nic', '--tag', '', 'NAME', '--memory-mib', '--cpu-cap', '--os'])
    expect(wrong.message).toMatch(/^--disk-mib: "much" is no size in whole MiB; --vcpus: "x" is no whole number; .*; --console-password-file: cannot read \/nowhere: no such file/)
    expect(wrong.code).toBe('usage.argument')
    const cases: [string[], string, string][] = [
      [['--iso', 'x'], 'usage.argument', '--iso goes not with template'], [['--vcpus', '33'], 'usage.argument', '--vcpus: 33 is not a whole number from 1 to 32'], [['--type', 'pv', '--os', 'solaris'], 'vm.os-mode', '--os: Solaris 10 (solaris10) does not run in mode pv'], [['--os', 'widnows7'], 'usage.argument', '--os: "widnows7" is no operating system'],
      [['--nic', 'xenbr0'], 'usage.argument', '--nic: a network card has'], [['--keyboard', 'dee'], 'usage.argument', '--keyboard: "dee" is none of'], [['--tag', 'a b=c'], 'usage.argument', '--tag: "a b" cannot be the key'], [['--server', ''], 'usage.argument', '--server: "" names nothing'], [['--vcpus', ''], 'usage.argument', '--vcpus: "" is no whole number'],
    ]
    for (const [words, code, message] of cases) expect((await refusalOf(guests(...base, ...words))).fault, words.join(' ')).toMatchObject({ code, message: expect.stringContaining(message) })
    expect((await refusalOf(guests(...base, '--os', 'widnows7'))).hint).toBe('did you mean windows7?')
  })
})

describe('the file of a console password', () => {
  const withFile = (path: string) => guests(...base, '--console-password-file', path)

  it('is read to its first line, and told of when others may read it', async () => {
    told.length = 0
    const open = passwordFile('\uFEFFsecret', 0o644)
    expect((await withFile(open))[0]!.consolePassword).toBe('secret')
    expect(told).toEqual([`${open} holds a password, and others than you may read it: chmod 600 ${open}`])
  })

  it('that holds none is refused, and what it holds never told', async () => {
    const bad: [string | Uint8Array, string][] = [['', 'is empty'], ['\nsecret', 'is empty'], [Buffer.from([0xe9]), 'is no UTF-8 text'], ['a\u0000', 'is no UTF-8 text'], ['hunter2hunter2', 'has not 1 to 8'], ['pass word', 'has not 1 to 8'], ['x'.repeat(1_048_577), 'holds more than 1 MiB']]
    for (const [content, what] of bad) {
      const error = await refusalOf(withFile(passwordFile(content)))
      expect(error.message).toContain(what)
      expect(JSON.stringify(error.fault)).not.toMatch(/hunter2|pass word/)
    }
  })
})
