// What the wire costs a client, as CPU (user + system) over that of a bare `node -e 0`, taken in turns with it: our client, and the
// soap package on the same work, without the command line around them (docs/decisions/0025). node scripts/bench-wire.mjs [RUNS]
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as esbuild from 'esbuild'
import { root, setup } from './setup.mjs'

setup()
const runs = Number(process.argv[2] ?? 9)
const folder = mkdtempSync(join(tmpdir(), 'ovmcli-bench-wire-'))
const tls = name => join(root, 'test', 'wsapi', 'tls', name)
const built = name => join(folder, `${name}.cjs`)
const fourPools = first => Array.from({ length: 4 }, (_, at) => `pool${String(first + at).padStart(2, '0')}`).join(',')
let server
try {
  await esbuild.build({ absWorkingDir: root, entryPoints: ['served', 'client', 'by-soap'].map(name => `scripts/bench-wire/${name}.ts`), outdir: folder, outExtension: { '.js': '.cjs' }, bundle: true, minifySyntax: true, minifyWhitespace: true, platform: 'node', target: 'node20', external: ['@photostructure/sqlite'], define: { 'import.meta.url': 'undefined' }, logLevel: 'error' })
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...plainEnv } = process.env
  const env = { ...plainEnv, OVMCLI_HOME: join(folder, 'home'), NODE_PATH: join(root, 'node_modules') }
  measured([join(root, 'bin', 'run.js'), 'sim', 'create', '--preset', 'grid', '--pools', '40', '--servers', '25', '--guests', '250'], env)
  server = spawn(process.execPath, [built('served'), env.OVMCLI_HOME, tls('key.pem'), tls('cert.pem')], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise(resolve => { server.stdout.once('data', data => resolve(String(data).trim())) })
  const wsdl = join(folder, 'farm.wsdl')
  await fetchWsdl(port, wsdl)
  const ours = (work, ...more) => [built('client'), work, port, tls('cert.pem'), ...more]
  const soap = work => [built('by-soap'), work, port, tls('cert.pem'), wsdl]
  row('ours: loaded', () => ours('loaded'))
  row('ours: show', () => ours('show'))
  row('ours: list of 1,000', () => ours('list', fourPools(1)))
  row('ours: list of 10,000', () => ours('list'))
  row('ours: start of 1,000', at => ours('start', fourPools(1 + 4 * at)), Math.min(runs, 10))
  row('soap: loaded', () => soap('loaded'))
  row('soap: WSDL read', () => soap('client'))
  row('soap: show', () => soap('show'))
  row('soap: list of 10,000', () => soap('list'))

  function row(name, argsOf, times = runs) {
    const bare = []
    const work = []
    for (let at = 0; at < times; at++) {
      bare.push(measured(['-e', '0'], env))
      work.push(measured(argsOf(at), env))
    }
    const [of, cpu] = [bare, work].map(all => all.map(one => one.cpuMs).sort((a, b) => a - b)[all.length >> 1])
    console.log(`${name.padEnd(22)} ${(cpu / of).toFixed(1).padStart(5)}   ${Math.round(cpu)} ms of ${Math.round(of)}, ${Math.round(Math.max(...work.map(one => one.peakMiB)))} MiB`)
  }
} finally {
  server?.kill()
  rmSync(folder, { recursive: true, force: true })
}

/** CPU of a process and the most memory it held; it has to end well. */
function measured(args, env) {
  const meter = join(root, 'scripts', 'bench-meter.cjs')
  const { status, stderr, output } = spawnSync(process.execPath, ['--require', meter, ...args], { env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'], encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return JSON.parse(output[3])
}

async function fetchWsdl(port, file) {
  const { get } = await import('node:https')
  const text = await new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/OVSWS/FarmServiceSoapHttpPort?wsdl', rejectUnauthorized: false, agent: false }, answer => {
      let all = ''
      answer.on('data', data => { all += data })
      answer.on('end', () => resolve(all))
    }).on('error', reject)
  })
  writeFileSync(file, text)
}
