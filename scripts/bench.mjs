// `npm run bench`: what whole commands cost, as CPU (user + system) over that of a bare `node -e 0`, taken in turns with it.
//   --runs N      measurements of each work (default 9; 3 for those that change 10,000 guests)
//   --only a,d    these works, and those they are compared with
//   --write FILE  replaces the table between the two marker comments of FILE
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { markdown, measure, median, plainEnv, program, writeInto } from './bench-parts.mjs'
import { sizesOf } from './bench-sizes.mjs'
import { root, setup } from './setup.mjs'

const farms = {
  figure: ['--preset', 'figure-8'],
  small: ['--preset', 'grid', '--pools', '1', '--servers', '4', '--guests', '10'],
  thirty: ['--preset', 'grid', '--pools', '1', '--servers', '4', '--guests', '30'],
  grid: ['--preset', 'grid'],
  large: ['--preset', 'grid', '--pools', '40', '--servers', '25', '--guests', '250'],
}
/** A file of 1,000 new guests of templates, in so many pools. */
function newGuests(pools) {
  return ['name,pool,template', ...Array.from({ length: 1_000 }, (_, at) => `web${String(at + 1).padStart(4, '0')},pool${String((at % pools) + 1).padStart(2, '0')},ol5u5-pv`), ''].join('\n')
}

/** Farms that something was done to before they are measured: from a copy of another. */
const prepared = {
  'large, tagged': { from: 'large', words: [['vm', 'update', 'vm07-0010', 'vm20-0125', 'vm33-0200', '--tag', 'bench=yes']] },
  'thirty, tagged': { from: 'thirty', words: [['vm', 'update', 'vm01-0003', 'vm01-0012', 'vm01-0027', '--tag', 'bench=yes']] },
  'grid, with 1,000 more': { from: 'grid', words: [['vm', 'create', '--file', '-', '--yes']], input: newGuests(1) },
  // Killed at that commit a start of 10,000 has begun about half of them.
  'large, cut': { from: 'large', words: [['vm', 'start', '--all']], killedAt: 'after:8' },
}
const fourPools = ['pool01', 'pool02', 'pool03', 'pool04'].flatMap(pool => ['--pool', pool])

/** Lines that show, or start, some guests of the large farm one by one. */
function shows(count, verb = 'show') {
  const two = number => String(number + 1).padStart(2, '0')
  return Array.from({ length: count }, (_, at) => `vm ${verb} vm${two(at % 40)}-${String((Math.floor(at / 40) % 250) + 1).padStart(4, '0')} -o jsonl\n`).join('')
}

/** What bash asks when Tab is pressed. */
const tab = ['autocomplete', 'words', '--', 'bash', '-', '=:', '-', 'ovmcli', 'vm', 'start', 'vm01-000']

/** `each` is CPU by command over a work of fewer; `prints` or `lines` is what the answer has to be when it is no document. `most` and `aim` are ratios; `guests` is how many the answer has to have; works that change the farm get a copy of it each time. */
const works = [
  { key: 'a', farm: 'figure', words: ['vm', 'list', '-o', 'json'], most: 3.2, aim: 2.5 },
  { key: 'b, of 10', farm: 'small', words: ['vm', 'show', 'vm01-0001', '-o', 'json'], most: 3.3 },
  { key: 'b, of 10,000', farm: 'large', words: ['vm', 'show', 'vm20-0125', '-o', 'json'], most: 3.3, within: { of: 'b, of 10', percent: 10 } },
  { key: 'c', farm: 'large', words: ['vm', 'list', '-o', 'json'], most: 5.5, aim: 4, mostMiB: 200, guests: 10_000 },
  { key: 'd', farm: 'large', words: ['vm', 'start', ...fourPools, '--yes', '-o', 'json'], most: 7, aim: 5, guests: 1_000, changes: true },
  { key: 'e', farm: 'large', words: ['vm', 'start', '--all', '--yes', '-o', 'json'], most: 45, aim: 25, mostMiB: 300, guests: 10_000, changes: true, runs: 3 },
  { key: 'f', farm: 'large', words: ['vm', 'start', 'vm20-0125', '-o', 'json'], title: 'start one of 10,000, in a command of its own', most: 3.6, guests: 1, changes: true, runs: 100 },
  { key: 'g', farm: 'large, cut', words: ['run', 'resume', '@last', '-o', 'json'], title: 'resume a start of 10,000 that was cut in the middle', within: { of: 'e', percent: 0 }, mostMiB: 300, guests: 10_000, changes: true, runs: 3 },
  { key: 'h, of 30', farm: 'thirty, tagged', words: ['vm', 'start', '--tag', 'bench=yes', '-o', 'json'], title: 'select 3 of 30 by tag', guests: 3, changes: true },
  { key: 'h, of 10,000', farm: 'large, tagged', words: ['vm', 'start', '--tag', 'bench=yes', '-o', 'json'], title: 'select 3 of 10,000 by tag', within: { of: 'h, of 30', percent: 30 }, guests: 3, changes: true },
  { key: 'i, of 30', farm: 'thirty', words: ['vm', 'start', 'vm01-0003', 'vm01-0012', 'vm01-0027', '-o', 'json'], title: 'select 3 of 30 by name', guests: 3, changes: true },
  { key: 'i, of 10,000', farm: 'large', words: ['vm', 'start', 'vm07-0010', 'vm20-0125', 'vm33-0200', '-o', 'json'], title: 'select 3 of 10,000 by name', within: { of: 'i, of 30', percent: 30 }, guests: 3, changes: true },
  { key: 'j', farm: 'figure', words: ['--version'], most: 1.4, prints: /^ovmcli\// },
  { key: 'k', farm: 'figure', words: ['--help'], prints: /^USAGE/m },
  { key: 'l, of 10', farm: 'small', words: tab, title: 'Tab behind the beginning of a name', prints: /^words\nvm01-0001$/m },
  { key: 'l, of 10,000', farm: 'large', words: tab, title: 'Tab behind the beginning of a name', most: 2.3, within: { of: 'l, of 10', percent: 10 }, prints: /^words\nvm01-0001$/m },
  { key: 'm, 1', farm: 'large', words: ['shell'], title: 'one command in a shell', input: shows(1), lines: 1 },
  { key: 'm, 501', farm: 'large', words: ['shell'], title: '501 commands in a shell', input: shows(501), lines: 501, each: { of: 'm, 1', commands: 500, mostMs: 5 }, runs: 5 },
  { key: 'n, show', farm: 'large', words: ['batch', '-'], title: 'batch of 1,000 `vm show`', input: shows(1_000), lines: 1_000, most: 25, runs: 5 },
  { key: 'n, start', farm: 'large', words: ['batch', '-'], title: 'batch of 1,000 `vm start`, each durable', input: shows(1_000, 'start'), lines: 1_000, changes: true, runs: 3 },
]

works.push(
  { key: 'o, of one', farm: 'grid', words: ['vm', 'clone', 'vm01-0001', '--name', 'web{0001..1000}', '--yes', '-o', 'json'], title: 'clone a guest 1,000 times, four copies at once', most: 12, guests: 1_000, changes: true, runs: 5 },
  { key: 'o, of four', farm: 'large', words: ['vm', 'clone', 'vm01-0001', 'vm02-0001', 'vm03-0001', 'vm04-0001', '--name', 'web{0001..1000}', '--yes', '-o', 'json'], title: 'clone guests of four pools 250 times each', most: 12, guests: 1_000, changes: true, runs: 5 },
  { key: 'p, one pool', farm: 'grid', words: ['vm', 'create', '--file', '-', '--yes', '-o', 'json'], title: 'create 1,000 of a template', input: newGuests(1), most: 12, guests: 1_000, changes: true, runs: 5 },
  { key: 'p, 40 pools', farm: 'large', words: ['vm', 'create', '--file', '-', '--yes', '-o', 'json'], title: 'create 1,000 of templates in 40 pools', input: newGuests(40), most: 12, guests: 1_000, changes: true, runs: 5 },
  { key: 'q', farm: 'grid, with 1,000 more', words: ['vm', 'delete', 'web*', '--yes', '-o', 'json'], title: 'delete 1,000', most: 12, guests: 1_000, changes: true, runs: 5 },
  { key: 'r', farm: 'large', words: ['farm', 'status', '-o', 'json'], prints: /"vms"/, title: '1,000 servers and 10,000 guests in numbers' },
  { key: 's', farm: 'large', words: ['server', 'list', '-o', 'json'], guests: 1_000, title: 'list 1,000 servers' },
)

const { values: options } = parseArgs({ options: { runs: { type: 'string' }, write: { type: 'string' }, only: { type: 'string' } } })
if (options.runs !== undefined && !(Number(options.runs) >= 1)) throw new Error('--runs takes a number from 1')

const chosen = options.only?.split(',').flatMap(letter => works.filter(work => work.key.startsWith(letter) || works.some(other => other.key.startsWith(letter) && (other.within ?? other.each)?.of === work.key)))
const measured = chosen ? works.filter(work => chosen.includes(work)) : works

setup()
const folder = mkdtempSync(join(tmpdir(), 'ovmcli-bench-'))
const lastRun = new Map()
try {
  for (const [farm, flags] of Object.entries(farms)) measure(join(folder, farm), [program, 'sim', 'create', ...flags])
  for (const [farm, how] of Object.entries(prepared)) if (measured.some(work => work.farm === farm)) prepare(farm, how)
  const table = `${tableOf(measureAll())}\n\n${sizesOf(folder, (home, words) => measure(home, [program, ...words]))}`
  console.log(table)
  if (options.write !== undefined) writeInto(options.write, 'bench', table)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Round by round, so that a slow minute of the machine falls on every work and on the bare node alike. */
function measureAll() {
  const samples = new Map(measured.map(work => [work.key, { bare: [], own: [] }]))
  const runsOf = work => Number(options.runs ?? work.runs ?? 9)
  const rounds = Math.max(...measured.map(runsOf))
  for (let round = 0; round < rounds; round++) {
    for (const work of measured.filter(each => round < runsOf(each))) {
      samples.get(work.key).bare.push(measure(folder, ['-e', '0']))
      samples.get(work.key).own.push(measureWork(work))
    }
    if (round < 10 || round % 20 === 19) process.stderr.write(`round ${round + 1} of ${rounds}\n`)
  }
  const bareMs = median([...samples.values()].flatMap(({ bare }) => bare.map(({ cpuMs }) => cpuMs)))
  return measured.map(work => {
    const { bare, own } = samples.get(work.key)
    const cpuMs = median(own.map(sample => sample.cpuMs))
    return { ...work, bareMs, cpuMs, ratio: cpuMs / median(bare.map(sample => sample.cpuMs)), peakMiB: median(own.map(sample => sample.peakMiB)), runs: own.length }
  })
}

function prepare(farm, { from, words, killedAt, input }) {
  const home = join(folder, farm)
  cpSync(join(folder, from), home, { recursive: true })
  for (const each of words) {
    const kill = killedAt ? { OVMCLI_TEST_MISHAP: `kill ${killedAt}` } : {}
    const { status } = spawnSync(process.execPath, [...(killedAt ? ['--require', join(root, 'test', 'mishap.cjs')] : []), program, ...each], { env: { ...plainEnv, OVMCLI_HOME: home, ...kill }, stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore'], input })
    if ((status === 0) === (killedAt !== undefined)) throw new Error(`ovmcli ${each.join(' ')} ended with ${status}`)
  }
  if (!killedAt) return
  const [run] = JSON.parse(measure(home, [program, 'run', 'list', '-o', 'json']).stdout)
  const { done, total } = JSON.parse(measure(home, [program, 'run', 'show', run.id, '-o', 'json']).stdout)
  process.stderr.write(`${farm}: ${done} of ${total} done when it was cut\n`)
  lastRun.set(farm, run.id)
}

function measureWork({ farm, words: written, guests, changes, input, prints, lines }) {
  const words = written.map(word => (word === '@last' ? lastRun.get(farm) : word))
  const home = changes ? join(folder, 'copy') : join(folder, farm)
  if (changes) cpSync(join(folder, farm), home, { recursive: true })
  const { stdout, ...cost } = measure(home, [program, ...words], input)
  if (changes) rmSync(home, { recursive: true })
  if (prints && !prints.test(stdout)) throw new Error(`ovmcli ${words.join(' ')} printed ${stdout.slice(0, 200)}`)
  if (lines && stdout.trimEnd().split('\n').length !== lines) throw new Error(`ovmcli ${words.join(' ')}: ${stdout.split('\n').length} lines, not ${lines}`)
  if (prints || lines) return cost
  const answer = JSON.parse(stdout)
  const answered = answer.done ?? answer.length
  if (guests !== undefined && answered !== guests) throw new Error(`ovmcli ${words.join(' ')}: ${answered} guests, not ${guests}`)
  return cost
}

function tableOf(results) {
  const ratios = new Map(results.map(({ key, ratio }) => [key, ratio]))
  const cpuOf = new Map(results.map(({ key, cpuMs }) => [key, cpuMs]))
  const rows = results.map(({ key, farm, words, title, ratio, cpuMs, peakMiB, runs, most, aim, mostMiB, within, each }) => {
    const eachMs = each && (cpuMs - cpuOf.get(each.of)) / each.commands
    const apart = within && (ratio / ratios.get(within.of) - 1) * 100
    const kept = (most === undefined || ratio <= most) && (mostMiB === undefined || peakMiB <= mostMiB) && (within === undefined || apart <= within.percent) && (each === undefined || eachMs <= each.mostMs)
    const targets = [most && `≤ ${most}`, aim && `aim ${aim}`, mostMiB && `≤ ${mostMiB} MiB`, within && `at most ${within.percent} % over ${within.of} (${apart.toFixed(0)} %)`, each && `≤ ${each.mostMs} ms a command over ${each.of} (${eachMs.toFixed(2)} ms)`]
    return [key, `${title ? `${title}: ` : ''}\`${words.join(' ').replace('@last', 'RUN')}\``, farm.startsWith('large') ? farm.replace('large', 'grid of 10,000') : (farms[farm] ?? farms[prepared[farm].from]).join(' ').replace('--preset ', ''), cpuMs.toFixed(0), ratio.toFixed(2), peakMiB.toFixed(0), targets.filter(Boolean).join(', ') || 'for comparison', kept ? 'yes' : '**no**', runs]
  })
  const heads = ['', 'work', 'farm', 'CPU ms', '÷ bare node', 'peak MiB', 'target', 'kept', 'runs']
  return `${markdown(heads, rows)}\n\nBare \`node -e 0\`: ${results[0].bareMs.toFixed(0)} ms of CPU; Node ${process.version}, ${process.platform}-${process.arch}.`
}
