// `npm run bench:served`: what commands cost with a running manager, as CPU of the client over that of a bare `node -e 0` taken in turns
// with it; what the manager takes; and a hundred clients at once.
//   --runs N       measurements of each work (default 9)
//   --seconds N    how long a hundred clients go on (default 60)
//   --write FILE   replaces the table between the two marker comments of FILE
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as esbuild from 'esbuild'
import { markdown, measure, median, plainEnv, program, writeInto } from './bench-parts.mjs'
import { root, setup } from './setup.mjs'

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '9' }, seconds: { type: 'string', default: '60' }, write: { type: 'string' } } })
const [runs, seconds] = [Number(options.runs), Number(options.seconds)]
if (!(runs >= 1 && seconds >= 1)) throw new Error('--runs and --seconds take numbers from 1')

const pools = first => Array.from({ length: 4 }, (_, at) => ['--pool', `pool${String(first + at).padStart(2, '0')}`]).flat()
/** `most` and `aim` are ratios; `words` may depend on the round, where a work cannot be done twice. */
const works = [
  { title: '`vm show` of one of 10,000', words: () => ['vm', 'show', 'vm20-0125', '-o', 'json'], most: 7, aim: 5 },
  { title: '`vm list` of 1,000', words: () => ['vm', 'list', ...pools(1), '-o', 'json'], most: 9, guests: 1_000 },
  { title: '`vm list` of 10,000', words: () => ['vm', 'list', '-o', 'json'], most: 25, mostMiB: 250, guests: 10_000 },
  { title: '`vm start` of 1,000', words: round => ['vm', round < 9 ? 'start' : 'reboot', ...pools(1 + 4 * (round % 9)), '--yes', '-o', 'json'], most: 9, guests: 1_000, runs: 9 },
  { title: '`vm start` of one of 10,000', words: round => ['vm', 'start', `vm40-${String(1 + round).padStart(4, '0')}`, '-o', 'json'], guests: 1 },
]

setup()
const folder = mkdtempSync(join(tmpdir(), 'ovmcli-bench-served-'))
const servers = []
try {
  const load = join(folder, 'load.cjs')
  await esbuild.build({ absWorkingDir: root, entryPoints: ['scripts/bench-served/load.ts'], outfile: load, bundle: true, platform: 'node', target: 'node20', define: { 'import.meta.url': 'undefined' }, logLevel: 'error' })
  const small = await served('small', ['--pools', '4', '--servers', '2', '--guests', '25'])
  const large = await served('large', ['--pools', '40', '--servers', '25', '--guests', '250'])
  const table = [clientTable(large), await flatTable(load, small, large), await crowds(load, large)].join('\n\n')
  console.log(table)
  if (options.write !== undefined) writeInto(options.write, 'bench-served', table)
} finally {
  for (const server of servers) server.kill()
  rmSync(folder, { recursive: true, force: true })
}

/** A farm, served by a process of its own; and a client's home with a profile of its administrator. */
async function served(name, flags) {
  const [home, client, password] = [join(folder, name), join(folder, `${name}-client`), join(folder, 'password')]
  writeFileSync(password, 'a long pass phrase\n', { mode: 0o600 })
  measure(home, [program, 'sim', 'create', '--preset', 'grid', ...flags])
  measure(home, [program, 'manager', 'init', '--admin-password-file', password])
  const server = spawn(process.execPath, [program, 'manager', 'serve', '--https-port', '0'], { env: { ...plainEnv, OVMCLI_HOME: home }, stdio: ['ignore', 'pipe', 'ignore'] })
  servers.push(server)
  const url = await new Promise((resolve, reject) => {
    createInterface(server.stdout).once('line', resolve)
    server.once('exit', status => reject(new Error(`the manager ended with ${status}`)))
  })
  measure(client, [program, 'profile', 'add', 'work', '--manager', url, '--trust-on-first-use', '--password-file', password])
  measure(client, [program, 'profile', 'use', 'work'])
  const { token, trust: { fingerprint } } = JSON.parse(readFileSync(join(client, 'config', 'profiles', 'work.json'), 'utf8'))
  const [, count, , , , guests] = flags
  return { client, pid: server.pid, login: JSON.stringify({ url, fingerprint, token, pools: Number(count), guests: Number(guests) }) }
}

/** Works in turns, each behind a bare node. */
function clientTable({ client, pid }) {
  const samples = works.map(() => ({ bare: [], own: [], server: [] }))
  for (let round = 0; round < runs; round++) {
    for (const [at, { words, guests, runs: mostRuns = runs }] of works.entries()) {
      if (round >= mostRuns) continue
      samples[at].bare.push(measure(client, ['-e', '0']).cpuMs)
      const before = cpuOf(pid)
      const { stdout, ...cost } = measure(client, [program, ...words(round)])
      samples[at].own.push(cost)
      samples[at].server.push(cpuOf(pid) - before)
      const answer = JSON.parse(stdout)
      const answered = answer.done ?? answer.length
      if (guests !== undefined && answered !== guests) throw new Error(`ovmcli ${words(round).join(' ')}: ${answered} guests, not ${guests}`)
    }
  }
  const rows = works.map(({ title, most, aim, mostMiB }, at) => {
    const { bare, own, server } = samples[at]
    const [cpuMs, peakMiB] = [median(own.map(one => one.cpuMs)), Math.max(...own.map(one => one.peakMiB))]
    const ratio = cpuMs / median(bare)
    const target = [most && `≤ ${most}`, aim && `aim ${aim}`, mostMiB && `≤ ${mostMiB} MiB`].filter(Boolean).join(', ') || 'for comparison'
    return [title, cpuMs.toFixed(0), ratio.toFixed(2), peakMiB.toFixed(0), median(server).toFixed(0), target, (most === undefined || ratio <= most) && (mostMiB === undefined || peakMiB <= mostMiB) ? 'yes' : '**no**', own.length]
  })
  const bareMs = median(samples.flatMap(({ bare }) => bare))
  return `${markdown(['work', 'CPU ms', '÷ bare node', 'peak MiB', 'CPU ms of the manager', 'target', 'kept', 'runs'], rows)}\n\nBare \`node -e 0\`: ${bareMs.toFixed(0)} ms of CPU; Node ${process.version}, ${process.platform}-${process.arch}; client and manager on this machine, behind TLS.`
}

/** CPU of the manager by call, with 100 guests and with 10,000: one client, some seconds of one call each, in turns. */
async function flatTable(load, small, large) {
  const rows = []
  for (const call of ['show', 'farm status', 'change one']) {
    const cost = []
    for (const farm of [small, large]) {
      await crowd(load, farm, 1, 2, call)
      const before = cpuOf(farm.pid)
      const { took, failed } = await crowd(load, farm, 1, 6, call)
      if (Object.keys(failed).length > 0) throw new Error(JSON.stringify(failed))
      cost.push((cpuOf(farm.pid) - before) / took[call].calls)
    }
    rows.push([`\`${call}\``, ...cost.map(ms => ms.toFixed(2)), `${((cost[1] / cost[0] - 1) * 100).toFixed(0)} %`])
  }
  return markdown(['CPU ms of the manager by call', '100 guests', '10,000 guests', 'more'], rows)
}

/** A hundred clients at once: in one process, each with a connection of its own; and a hundred commands at a time. */
async function crowds(load, large) {
  const before = cpuOf(large.pid)
  const { took, failed } = await crowd(load, large, 100, seconds)
  const cpu = cpuOf(large.pid) - before
  const calls = Object.values(took).reduce((sum, { calls: some }) => sum + some, 0)
  const rows = Object.entries(took).map(([name, { calls: some, medianMs, p99Ms, worstMs }]) => [name, some, medianMs.toFixed(0), p99Ms.toFixed(0), worstMs.toFixed(0)])
  const commands = await hundredCommands(large.client)
  return [
    `A hundred clients at once for ${seconds} s, each asking the next when it was answered: ${calls} works (${Math.round(calls / seconds)} a second, ${(cpu / calls).toFixed(1)} ms CPU of the manager each), errors: ${JSON.stringify(failed)}.`,
    markdown(['work', 'how many', 'median ms', '99 of 100 within ms', 'worst ms'], rows),
    `A hundred commands at a time for ${seconds} s (\`vm show\`, \`vm list --pool\`, \`vm start\`, \`farm status\`): ${commands.ended} commands, exits: ${JSON.stringify(commands.exits)}, longest ${(commands.worstMs / 1_000).toFixed(1)} s.`,
    `Most memory of the manager in all this, with 1,000 servers and 10,000 guests: ${statusOf(large.pid, 'VmHWM')} MiB (target ≤ 400).`,
  ].join('\n\n')
}

function crowd(load, { login }, clients, forSeconds, only) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [load, String(clients), String(forSeconds), ...(only ? [only] : [])], { env: plainEnv, stdio: ['pipe', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', data => { text += data })
    child.once('close', status => (status === 0 ? resolve(JSON.parse(text)) : reject(new Error(`the clients ended with ${status}`))))
    child.stdin.end(login)
  })
}

async function hundredCommands(client) {
  const endsAt = performance.now() + seconds * 1_000
  const [exits, said] = [{}, {}]
  let [ended, worstMs] = [0, 0]
  const name = (at, round) => `vm${String(1 + at % 40).padStart(2, '0')}-${String(1 + (at * 3 + round) % 250).padStart(4, '0')}`
  const kinds = [
    (at, round) => ['vm', 'show', name(at, round), '-o', 'json'],
    at => ['vm', 'list', '--pool', `pool${String(1 + at % 40).padStart(2, '0')}`, '-o', 'json'],
    (at, round) => ['vm', 'start', name(at, round), '-o', 'json'],
    () => ['farm', 'status', '-o', 'json'],
  ]
  await Promise.all(Array.from({ length: 100 }, async (_, at) => {
    for (let round = 0; performance.now() < endsAt; round++) {
      const began = performance.now()
      const { status, stderr } = await ran(client, kinds[(at + round) % kinds.length](at, round))
      worstMs = Math.max(worstMs, performance.now() - began)
      exits[status] = (exits[status] ?? 0) + 1
      if (status !== 0) said[stderr] = true
      ended++
    }
  }))
  for (const text of Object.keys(said).slice(0, 5)) process.stderr.write(text)
  return { exits, ended, worstMs }
}

function ran(home, words) {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [program, ...words], { env: { ...plainEnv, OVMCLI_HOME: home }, stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', data => { stderr += data })
    child.once('close', status => resolve({ status, stderr }))
  })
}

/** CPU that a process has used, in milliseconds, to the hundredth of a second that Linux counts in. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function statusOf(pid, field) {
  return Math.round(Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024)
}
