// Makes dist/: one CJS file, its source map, the licences of what is inside, and V8 code caches for this Node.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as esbuild from 'esbuild'
import { writeCommandTable } from './command-table.mjs'
import { lazyModuleHelper, lazyOclif } from './lazy-oclif.mjs'
import { defaultParts, partsPlugin } from './parts.mjs'
import { buildId, root } from './setup.mjs'

/**
 * Run once after the build, each list in one process and in this order; what they compile goes into that cache. There is one
 * for looking, one for acting, one for completing and one for everything, since reading a cache costs by what is in it.
 */
const looking = ['vm list', 'vm list -o json', 'vm list --filter state=powered-off --sort name:desc --limit 2 -o name', 'vm show vm1', 'vm show vm1 -o json', 'server list', 'pool list -o json', 'farm status', 'job list', 'run list -o json']
const acting = ['vm start vm1', 'vm start vm2 -o json', 'vm migrate vm1 --to auto', 'vm start --all --yes -o json', 'vm stop --all --yes']
const completing = ['vm start vm', 'vm show pool1/v', 'vm list --state run', 'vm start --p', 'server show --farm figure-8 o', 'vm st'].map(line => `autocomplete words -- bash - =: - ovmcli ${line}`)
const warmCommands = {
  tab: completing,
  look: looking,
  act: [...acting, 'vm list -o json', 'run list'],
  all: ['--version', '--help', 'vm --help', 'vm start --help', 'sim create --preset figure-7', 'sim use figure-8', 'farm topology', 'vm list -o yaml', ...acting, ...looking],
}

writeCommandTable()
const id = buildId()
const dist = join(root, 'dist')
const bundle = join(dist, 'ovmcli.cjs')
const cacheOf = kind => join(dist, `${id}-${kind}-${process.version}-${process.arch}.cache`)

/** How everything is built. */
const manner = {
  absWorkingDir: root,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  external: ['@photostructure/sqlite', 'typescript'],
  // Node 20 cannot import() from a script made out of cached data, so imports of externals become require().
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: `// ovmcli ${id}\n'use strict'\nconst bundleUrl = require('node:url').pathToFileURL(__filename).href\n${lazyModuleHelper}` },
  minifySyntax: true,
  minifyWhitespace: true,
  charset: 'ascii',
  legalComments: 'external',
  logLevel: 'warning',
}

mkdirSync(dist, { recursive: true })
await makeBundle()
makeCodeCaches()
dropOldCaches()

async function makeBundle() {
  const half = join(dist, 'half')
  const found = new Map()
  await esbuild.build({ ...manner, entryPoints: { ovmcli: 'src/main.ts' }, outdir: half, plugins: [partsPlugin(found), lazyOclif], sourcemap: 'linked' })
  // Each part is whole: what it shares with another it has too. What a module exports by default is all that require() gives.
  const of = kept => Object.fromEntries([...found].filter(([part]) => kept(part)))
  const partManner = { ...manner, outdir: join(half, 'parts'), plugins: [lazyOclif] }
  await esbuild.build({ ...partManner, entryPoints: of(part => !defaultParts.includes(part)) })
  await esbuild.build({ ...partManner, entryPoints: of(part => defaultParts.includes(part)), footer: { js: 'module.exports = module.exports.default' } })
  rmSync(join(dist, 'parts'), { recursive: true, force: true })
  for (const file of readdirSync(half)) renameSync(join(half, file), join(dist, file))
  rmSync(half, { recursive: true })
}

function makeCodeCaches() {
  const home = mkdtempSync(join(tmpdir(), 'ovmcli-build-'))
  try {
    const warm = join(root, 'scripts', 'warm.cjs')
    const env = { ...process.env, OVMCLI_HOME: home, XDG_CACHE_HOME: home, NO_COLOR: '1', NODE_OPTIONS: '' }
    mustRun([join(root, 'bin', 'run.js'), 'sim', 'create', '--preset', 'figure-8', '-o', 'name'], env)
    for (const [kind, commands] of Object.entries(warmCommands)) {
      mustRun([warm, 'make', bundle, cacheOf(kind), ...commands], env)
      mustRun([warm, 'check', bundle, cacheOf(kind)], env)
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function dropOldCaches() {
  for (const file of readdirSync(dist)) {
    if (file.endsWith('.cache') && !file.startsWith(id)) rmSync(join(dist, file))
  }
}

/** @param {string[]} args @param {NodeJS.ProcessEnv} env */
function mustRun(args, env) {
  const { status, signal } = spawnSync(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status === 0) return
  console.error(`build: the code cache could not be made (${signal ?? `exit ${status}`})`)
  process.exit(1)
}
