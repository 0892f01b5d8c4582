import { titleCase } from '../cli/cells.js'
import { reportExit } from '../cli/exit.js'
import { seeRunThrough } from '../cli/follow-run.js'
import { sayFailures } from '../cli/report-view.js'
import { printable, say, writeOut } from '../cli/streams.js'
import { randomUUID } from 'node:crypto'
import { noNarrowing, type OperationOptions, type RunRequest, type TargetRef } from '../contract/requests.js'
import type { RecordKind } from '../contract/fields.js'
import { Refusal } from '../model/errors.js'
import type { Caller } from './caller.js'
import { must, type Options } from './line.js'

/** A subcommand of the classic spelling: the letters of its options, and what it does; the exit code. */
interface ClassicCommand { takes: string; switches: string; run(caller: Caller, options: Options, command: string): Promise<number> }

type Row = Record<string, unknown>

/** All that is attested (shared/research/ovmcli.md, 1a and 1b), by `GROUP SUB`, and nothing else. */
export const classicCommands: Readonly<Record<string, ClassicCommand>> = {
  'vm ls': { takes: 's', switches: 'l', run: listGuests },
  'vm stat': { takes: 'ns', switches: '', run: (caller, options, command) => status(caller, 'vm', options, command) },
  'vm conf': { takes: 'nscm', switches: 'ed', run: configure },
  'vm poweron': { takes: 'ns', switches: '', run: (caller, options, command) => act(caller, 'vm.start', named(options, command), {}) },
  'vm poweroff': { takes: 'ns', switches: '', run: (caller, options, command) => act(caller, 'vm.stop', named(options, command), { force: true }) },
  'vm del': { takes: 'ns', switches: '', run: (caller, options, command) => act(caller, 'vm.delete', named(options, command), {}, [`Deleted virtual machine "${must(command, options, 'n')}" and its image files.`]) },
  'img reg': { takes: 'ncos', switches: '', run: register },
  'img stat': { takes: 'ns', switches: '', run: (caller, options, command) => status(caller, 'image', options, command) },
  'img approve': { takes: 'ns', switches: '', run: (caller, options, command) => act(caller, 'image.approve', named(options, command), {}, [`Virtual machine image "${must(command, options, 'n')}" approved.`]) },
  'svr ls': { takes: 's', switches: '', run: listServers },
  'svr info': { takes: 'ns', switches: '', run: serverInfo },
}

/** The object that `-n NAME -s POOL` names, taken literally. @throws Refusal usage.argument */
function named(options: Options, command: string): TargetRef {
  return { name: must(command, options, 'n'), pool: must(command, options, 's') }
}

/** Runs an operation to its end; with success the lines are printed, and else what went wrong is said. */
async function act({ manager, principal }: Caller, operation: RunRequest['operation'], target: TargetRef | null, options: Partial<OperationOptions>, lines: readonly string[] = []): Promise<number> {
  const handle = await manager.startRun({
    principal, requestKey: randomUUID(), operation,
    selector: { targets: target === null ? [] : [target], listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
    options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null, ...options },
    guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true },
    policy: { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null },
    reason: null,
  })
  const { report, interrupted } = await seeRunThrough(manager, principal, handle)
  sayFailures(report)
  const exit = interrupted ?? reportExit(report)
  if (exit === 0) await writeOut(lines.map(line => `${printable(line)}\n`).join(''))
  return exit
}

/** `vm conf`: HA on or off, VCPUs, memory; a line for each, in the order given. */
function configure(caller: Caller, options: Options, command: string): Promise<number> {
  const target = named(options, command)
  if (options.has('e') && options.has('d')) throw new Refusal('usage.argument', `${command}: -e and -d exclude each other`, 'give one of them')
  const details: { ha?: boolean; vcpus?: number; memoryMiB?: number } = {}
  const lines: string[] = []
  for (const [letter, value] of options) {
    if (letter === 'e' || letter === 'd') {
      details.ha = letter === 'e'
      lines.push(`High availability has been ${letter === 'e' ? 'enabled' : 'disabled'}.`)
    }
    if (letter === 'c') {
      details.vcpus = wholeNumber(command, letter, value)
      lines.push(`Number of VCPUs changed to "${value}".`)
    }
    if (letter === 'm') {
      details.memoryMiB = wholeNumber(command, letter, value)
      lines.push(`Memory size changed to "${value}".`)
    }
  }
  if (lines.length === 0) throw new Refusal('usage.argument', `${command}: nothing is to be changed`, 'give -e, -d, -c VCPUS or -m MB')
  return act(caller, 'vm.update', target, { details }, lines)
}

function wholeNumber(command: string, letter: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  throw new Refusal('usage.argument', `${command}: -${letter} ${JSON.stringify(value.slice(0, 40))} is no whole number`, letter === 'm' ? 'megabytes, such as -m 512' : 'such as -c 2')
}

/** `img reg`: an image brings its own operating system, and a console password belongs to the guest that it will be. */
function register(caller: Caller, options: Options, command: string): Promise<number> {
  const name = must(command, options, 'n')
  const pool = must(command, options, 's')
  if (options.has('o')) say(`Note: -o is not kept, the image says itself what it runs; to change it once it is approved: ovmcli vm update ${pool}/${name} --os OS`)
  if (options.has('c')) say(`Note: -c is not kept, and argv shows it to everybody who runs ps; once it is approved: ovmcli vm update ${pool}/${name} --console-password-file FILE`)
  return act(caller, 'image.register', null, { details: { name, pool } }, ['Registering virtual machine image. Please check the status.'])
}

async function one({ manager, principal }: Caller, kind: RecordKind, options: Options, command: string): Promise<Row> {
  const names = [`${must(command, options, 's')}/${must(command, options, 'n')}`]
  return (await manager.show({ principal, kind, names, columns: null }))[0]!
}

/** Nothing but the words of the status: a script compares them. */
async function status(caller: Caller, kind: 'vm' | 'image', options: Options, command: string): Promise<number> {
  await writeOut(`${titleCase((await one(caller, kind, options, command))['state'] as string)}\n`)
  return 0
}

async function ofPool({ manager, principal }: Caller, kind: RecordKind, options: Options, command: string): Promise<Row[]> {
  const pool = must(command, options, 's')
  await manager.show({ principal, kind: 'pool', names: [pool], columns: ['name'] })
  const rows: Row[] = []
  let cursor: string | null = null
  do {
    const page = await manager.list({ principal, kind, narrowing: { ...noNarrowing, pools: [pool] }, columns: null, sort: 'name', limit: null, cursor })
    rows.push(...(JSON.parse(page.json) as Row[]))
    cursor = page.cursor
  } while (cursor !== null)
  return rows
}

async function listGuests(caller: Caller, options: Options, command: string): Promise<number> {
  const rows = await ofPool(caller, 'vm', options, command)
  if (options.has('l')) await printTable(['Name', 'Size(MB)', 'Memory(MB)', 'VCPUs', 'Status', 'Server'], rows.map(vm => [vm['name'], vm['diskMiB'], vm['memoryMiB'], vm['vcpus'], titleCase(vm['state'] as string), vm['server'] ?? '']))
  else await printTable(['Name', 'Status'], rows.map(vm => [vm['name'], titleCase(vm['state'] as string)]))
  return 0
}

async function listServers(caller: Caller, options: Options, command: string): Promise<number> {
  const rows = await ofPool(caller, 'server', options, command)
  await printTable(['Server_Host/IP', 'Server_Name', 'Status'], rows.map(server => [server['address'], server['name'], titleCase(server['state'] as string)]))
  return 0
}

async function serverInfo(caller: Caller, options: Options, command: string): Promise<number> {
  const server = await one(caller, 'server', options, command)
  const lines = [
    ['Server Host/IP', server['address']], ['Status', titleCase(server['state'] as string)], ['Number of CPUs', server['cores']],
    ['Allocated VCPUs', server['vcpusUsed']], ['Total Memory(MB)', server['memoryMiB']], ['Free Memory(MB)', server['memoryFreeMiB']],
  ]
  await writeOut(lines.map(([label, value]) => `${String(label)}: ${printable(String(value))}\n`).join(''))
  return 0
}

/** A header, and a line each; columns stand two blanks or more apart, so that a status may hold one. */
async function printTable(header: readonly string[], rows: readonly (readonly unknown[])[]): Promise<void> {
  const lines = [header, ...rows.map(row => row.map(cell => printable(String(cell))))]
  const widths = header.map((_, column) => lines.reduce((width, line) => Math.max(width, line[column]!.length), 0))
  await writeOut(lines.map(line => `${line.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()}\n`).join(''))
}
