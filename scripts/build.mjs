// Makes dist/: one CJS file, its source map, the licences of what is inside, and the V8 code cache for this Node.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as esbuild from 'esbuild'
import { writeCommandTable } from './command-table.mjs'
import { buildId, root } from './setup.mjs'

/** Run once after the build, in one process and in this order; what they compile goes into the cache. */
const warmCommands = [
  '--version',
  '--help',
  'vm --help',
  'vm start --help',
  'sim create --preset figure-8',
  'farm status',
  'farm topology',
  'vm list',
  'vm list -o json',
  'vm list -o yaml --filter state=powered-off --sort name:desc --limit 2',
  'vm start vm1 --yes',
  'vm show vm1',
  'vm show vm1 -o json',
  'vm migrate vm1 --to auto',
  'vm start --all --yes -o json',
  'vm stop --all --yes',
  'server list',
  'pool list',
  'job list',
]

writeCommandTable()
const id = buildId()
const dist = join(root, 'dist')
const bundle = join(dist, 'ovmcli.cjs')
const cache = join(dist, `${id}-${process.version}-${process.arch}.cache`)

mkdirSync(dist, { recursive: true })
await makeBundle()
makeCodeCache()
dropOldCaches()

async function makeBundle() {
  const half = join(dist, 'half')
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: { ovmcli: 'src/main.ts' },
    outdir: half,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['@photostructure/sqlite', 'typescript'],
    // Node 20 cannot import() from a script made out of cached data, so imports of externals become require().
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: `// ovmcli ${id}\n'use strict'\nconst bundleUrl = require('node:url').pathToFileURL(__filename).href` },
    minifySyntax: true,
    charset: 'ascii',
    legalComments: 'external',
    sourcemap: 'linked',
    logLevel: 'warning',
  })
  for (const file of readdirSync(half)) renameSync(join(half, file), join(dist, file))
  rmSync(half, { recursive: true })
}

function makeCodeCache() {
  const home = mkdtempSync(join(tmpdir(), 'ovmcli-build-'))
  try {
    const warm = join(root, 'scripts', 'warm.cjs')
    const env = { ...process.env, OVMCLI_HOME: home, NO_COLOR: '1', NODE_OPTIONS: '' }
    mustRun([warm, 'make', bundle, cache, ...warmCommands], env)
    mustRun([warm, 'check', bundle, cache], env)
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
  const { status, signal } = spawnSync(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status === 0) return
  console.error(`build: the code cache could not be made (${signal ?? `exit ${status}`})`)
  process.exit(1)
}
