// What a fresh clone needs before anything can run, done only as far as it is missing: packages, then a build.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeCommandTable } from './command-table.mjs'

export const root = fileURLToPath(new URL('..', import.meta.url))
const bundle = join(root, 'dist', 'ovmcli.cjs')

/** Installs and builds what is missing or out of date. */
export function setup() {
  install()
  build()
}

export function install() {
  if (packagesAreCurrent()) return
  step('installing packages (npm ci)')
  mustRun('npm', ['ci', '--no-progress'])
}

export function build() {
  writeCommandTable()
  if (buildIsCurrent()) return
  step('building (npm run build)')
  mustRun(process.execPath, [join(root, 'scripts', 'build.mjs')])
}

/** Names a build by everything that goes into it. */
export function buildId() {
  const hash = createHash('sha256')
  const files = ['package.json', 'package-lock.json', 'scripts/build.mjs', 'scripts/lazy-oclif.mjs', 'scripts/parts.mjs', 'scripts/warm.cjs', ...sources('commands'), ...sources('src')]
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(root, file))).update('\0')
  return hash.digest('hex').slice(0, 16)
}

function buildIsCurrent() {
  const id = buildId()
  return (
    existsSync(bundle) &&
    readFileSync(bundle, 'latin1').startsWith(`// ovmcli ${id}\n`) &&
    existsSync(join(root, 'dist', `${id}-all-${process.version}-${process.arch}.cache`))
  )
}

/** @param {string} folder */
function sources(folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|json)$/.test(file))
    .map((file) => join(folder, file))
    .sort()
}

/** npm keeps what it installed in node_modules/.package-lock.json; it should agree with ours. */
function packagesAreCurrent() {
  const installedLock = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installedLock)) return false
  const wanted = packages(join(root, 'package-lock.json'))
  const installed = packages(installedLock)
  return Object.entries(wanted).every(
    ([where, { version, optional }]) => where === '' || optional || installed[where]?.version === version,
  )
}

/** @param {string} lock @returns {Record<string, {version: string, optional?: boolean}>} */
function packages(lock) {
  return JSON.parse(readFileSync(lock, 'utf8')).packages
}

/** @param {string} what */
function step(what) {
  process.stderr.write(`setup: ${what}\n`)
}

/** @param {string} command @param {string[]} args */
function mustRun(command, args) {
  const shell = process.platform === 'win32' && command === 'npm'
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup()
