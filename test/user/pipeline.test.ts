import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { lacksTools, shellEnv, textOf } from '../console-pages.js'
import { Session, type Ended } from '../session.js'

const script = fileURLToPath(new URL('../../docs/samples/pipeline.sh', import.meta.url))

/** Runs the sample as a job would: executed, in a folder of its own. */
function runJob(farm: Session, env: Record<string, string>): Ended {
  const { OVMCLI_HOME: home, ...rest } = shellEnv(farm, env)
  const done = spawnSync(script, [], { cwd: farm.home, env: env['OVMCLI_HOME'] === '' ? rest : { ...rest, OVMCLI_HOME: home }, encoding: 'utf8' })
  return { stdout: done.stdout, stderr: done.stderr, exit: done.status }
}

const reportOf = (farm: Session, name: string) => readFileSync(join(farm.home, 'reports', name), 'utf8')

describe.skipIf(lacksTools('docs/samples/pipeline.sh', ''))('docs/samples/pipeline.sh', () => {
  it('is green on a farm of its own, which it throws away', () => {
    const farm = new Session()
    const { exit, stdout, stderr } = runJob(farm, { OVMCLI_HOME: '' })
    expect(exit, stdout + stderr).toBe(0)
    expect(reportOf(farm, 'start.xml')).toContain('tests="6" failures="0" errors="0" skipped="0"')
    expect(reportOf(farm, 'stop.xml')).toContain('name="vm.stop" tests="6" failures="0"')
    expect(readdirSync(farm.home).filter(name => name.startsWith('tmp'))).toEqual([])
  })

  it('is red with a fault on the farm, names the guest, and leaves none running', async () => {
    const farm = new Session('figure-8')
    farm.ok('sim fault guest-crash vm3')
    const { exit, stdout, stderr } = runJob(farm, {})
    expect(exit, stdout + stderr).toBe(6)
    expect(stdout).not.toContain('--- check')
    expect(reportOf(farm, 'start.xml')).toMatch(/<testcase classname="pool1" name="vm3" .*<failure type="vm.crashed"/)
    expect(await farm.records('vm', 'state=running')).toEqual([])
  })

  it('begins nothing when the pool is not the one that is meant', () => {
    const farm = new Session('figure-8')
    const { exit, stderr } = runJob(farm, { POOL: 'pool2' })
    expect([exit, stderr]).toEqual([5, expect.stringContaining('guard.expect')])
    expect(readdirSync(join(farm.home, 'reports'))).toEqual([])
  })
})

describe('the pipelines around it', () => {
  const known = new Set([...textOf('docs/samples/pipeline.sh').matchAll(/\$\{(\w+):-/g)].map(match => match[1]))

  it('run the script with variables it knows, and keep its reports', () => {
    const { guests: job } = parse(textOf('docs/samples/gitlab-ci.yml')) as { guests: { script: string[]; variables: Record<string, string>; artifacts: { reports: { junit: string } } } }
    expect(job.script).toEqual(['docs/samples/pipeline.sh'])
    expect(Object.keys(job.variables).filter(name => !known.has(name))).toEqual([])
    expect(job.artifacts.reports.junit).toBe(`${job.variables['REPORTS']}/*.xml`)

    const workflow = parse(textOf('docs/samples/github-workflow.yml')) as { jobs: { guests: { steps: { run?: string; uses?: string; env?: Record<string, string>; with?: Record<string, string> }[] } } }
    const { steps } = workflow.jobs.guests
    const step = steps.find(({ run }) => run === 'docs/samples/pipeline.sh')!
    expect(Object.keys(step.env!).filter(name => !known.has(name))).toEqual([])
    expect(steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact'))!.with!['path']).toBe(`${step.env!['REPORTS']}/*.xml`)
  })
})
