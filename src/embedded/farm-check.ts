import { join } from 'node:path'
import type { HealthCheck } from '../contract/farms.js'
import { Refusal } from '../model/errors.js'
import type { RunState } from '../model/object-states.js'
import { SimClock } from '../sim/clock.js'
import { World } from '../sim/world.js'
import { openCopy } from '../store/sqlite.js'
import type { Store } from '../store/store.js'
import type { Farms } from './farms.js'
import type { FarmStores } from './faults.js'
import { databases } from './open.js'

/** How many names a message lists at most. */
const mostNames = 5

/** Checks the farms of a home, on private copies of their databases: even opening one leaves traces. */
export async function checkFarms(farms: Farms, named: string | null): Promise<HealthCheck[]> {
  const checks: HealthCheck[] = []
  try {
    checks.push({ check: 'current farm', result: 'ok', message: farms.choose(named), hint: null })
  } catch (error) {
    checks.push({ ...refused('current farm', error), result: error instanceof Refusal && error.code === 'farm.none' ? 'warning' : 'error' })
    if (error instanceof Refusal && error.code === 'store.unreadable') return checks
  }
  for (const name of farms.names()) checks.push(...(await checkFarm(farms, name)))
  return checks
}

async function checkFarm(farms: Farms, name: string): Promise<HealthCheck[]> {
  const check = `farm ${name}`
  const copies: { [database in keyof FarmStores]?: Store } = {}
  const checks: HealthCheck[] = []
  try {
    for (const database of ['repository', 'world'] as const) {
      try {
        const store = (copies[database] = openCopy(join(farms.folder(name), databases[database].file), databases[database]))
        await mustBeSound(store, databases[database].file)
      } catch (error) {
        checks.push(refused(check, error))
      }
    }
    const { repository, world } = copies
    if (checks.length > 0 || !repository || !world) return checks
    checks.push({ check, result: 'ok', message: `both databases are sound (version ${databases.repository.version} and ${databases.world.version})`, hint: null })
    checks.push(...(await checkRuns(`${check} runs`, { repository, world }, farms.current() === name ? '' : ` --farm ${name}`)))
    return checks
  } catch (error) {
    return [...checks, refused(check, error)]
  } finally {
    for (const store of Object.values(copies)) await store.close()
  }
}

/** @throws Refusal store.corrupt with what SQLite found first */
async function mustBeSound(store: Store, file: string): Promise<void> {
  const found = await store.read(reader => reader.select<{ fault: string }>({ fault: 'quick_check' }, 'from pragma_quick_check limit 1'))
  const fault = found.map(row => row.fault).find(text => text !== 'ok')
  if (fault !== undefined) throw new Refusal('store.corrupt', `${file} is damaged: ${fault}`, 'restore it from a backup, or move it away and make the farm anew')
}

/** A run that is not over, as far as it is looked at: of a damaged one the rest may make no sense. */
interface OpenRun { id: string; state: RunState; session: string | null; parent: string | null }

/** What commands left undone: runs whose command died, and runs that wait to be taken up again. */
async function checkRuns(check: string, { repository, world }: FarmStores, farmFlag: string): Promise<HealthCheck[]> {
  const runs = await repository.read(reader => reader.select<OpenRun>({ id: 'id', state: 'state', session: 'session', parent: 'parent' }, `from run where state <> 'finished' order by seq`))
  const driven = runs.filter(run => run.state === 'running' && run.session !== null)
  const living = new Set(await new SimClock(new World(world)).living(driven.map(run => run.session!)))
  const dead = driven.filter(run => !living.has(run.session!))
  const interrupted = runs.filter(run => run.state === 'interrupted' && run.parent === null)
  const going = runs.filter(run => run.state === 'running' && !dead.includes(run))
  const checks: HealthCheck[] = []
  if (dead.length > 0) checks.push({ check, result: 'warning', message: `${listed(dead)} left open by a command that died`, hint: `any command on the farm settles that: ovmcli run list${farmFlag}` })
  if (interrupted.length > 0) checks.push({ check, result: 'warning', message: `${listed(interrupted)} interrupted`, hint: `take it up again: ovmcli run resume ${interrupted[0]!.id}${farmFlag}` })
  if (checks.length === 0 || going.length > 0) checks.push({ check, result: 'ok', message: going.length === 0 ? 'nothing was left undone' : `${listed(going)} under way`, hint: null })
  return checks
}

/** `2 runs were (run-1, run-2)`, of which a message says what. */
function listed(runs: readonly OpenRun[]): string {
  const names = `${runs.slice(0, mostNames).map(run => run.id).join(', ')}${runs.length > mostNames ? ', …' : ''}`
  return runs.length === 1 ? `${names} is` : `${runs.length} runs (${names}) are`
}

/** What stands in the way as a check that failed; a disk with no room for a copy says nothing of the farm. Anything unexpected is a defect, and thrown. */
function refused(check: string, error: unknown): HealthCheck {
  if (!(error instanceof Refusal)) throw error
  if (error.code === 'store.full') return { check, result: 'warning', message: `not looked into: ${error.message}`, hint: 'make room in the folder for temporary files (TMPDIR)' }
  return { check, result: 'error', message: error.message, hint: error.hint }
}
