import { readdirSync, readFileSync } from 'node:fs'
import Module from 'node:module'
import { homedir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import type { HealthCheck } from '../../contract/farms.js'
import { program } from '../program.js'
import { broken, ok, warning } from './finding.js'

/** Checks Node, the build, and the code caches that make it start fast. */
export function programChecks(): HealthCheck[] {
  return [nodeCheck(process.versions.node, program().wantsNode), ...buildChecks(fileURLToPath(import.meta.url))]
}

/** Whether a version of Node will do; `wanted` as package.json says it: `>=20.20`. */
export function nodeCheck(version: string, wanted: string): HealthCheck {
  const numbers = (text: string) => text.replace(/^\D*/, '').split('.').map(Number)
  const [major = 0, minor = 0] = numbers(version)
  const [wantedMajor = 0, wantedMinor = 0] = numbers(wanted)
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return ok('node', `Node ${version}`)
  return broken('node', `Node ${version} is too old: ovmcli wants ${wanted}`, `install Node ${wanted.replace(/^\D*/, '')} or newer`)
}

function buildChecks(bundle: string): HealthCheck[] {
  const { version } = program()
  if (extname(bundle) !== '.cjs') return [ok('build', `ovmcli ${version} from its sources, which start slowly`)]
  const source = readFileSync(bundle, 'latin1')
  const build = /^\/\/ ovmcli (\S+)/.exec(source)?.[1] ?? 'unknown'
  return [ok('build', `ovmcli ${version}, build ${build}`), cacheCheck(bundle, source, build)]
}

/** Caches fit one build and one Node, as their names say: the build's own, or those that first runs keep (bin/run.js). */
function cacheCheck(bundle: string, source: string, build: string): HealthCheck {
  const kept = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ovmcli')
  const files = [dirname(bundle), kept].flatMap(folder => namesIn(folder).filter(name => name.startsWith(`${build}-`) && name.endsWith(`-${process.version}-${process.arch}.cache`)).map(name => join(folder, name)))
  const code = Module.wrap(source)
  const refused = files.filter(file => isRefused(code, bundle, file))
  if (refused.length > 0) return warning('code cache', `Node refuses ${refused.join(', ')}`, 'delete what it refuses: it is made anew')
  if (files.length > 0) return ok('code cache', `fits this Node (${files.length} ${files.length === 1 ? 'file' : 'files'})`)
  return warning('code cache', `none for Node ${process.version}: commands start slowly until a first run has kept one in ${kept}`, `run a command twice; if this stays, see that ${kept} can be written`)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isRefused(code: string, filename: string, file: string): boolean {
  try {
    return new Script(code, { filename, cachedData: readFileSync(file) }).cachedDataRejected === true
  } catch {
    return true
  }
}
