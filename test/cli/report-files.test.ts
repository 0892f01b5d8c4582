import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openReportFiles } from '../../src/cli/report-files.js'
import { plainLook } from '../../src/cli/render.js'
import { renderReport } from '../../src/cli/report-view.js'
import type { Report, ReportItem } from '../../src/contract/manager.js'
import { Refusal } from '../../src/model/errors.js'
import { parseXml } from './strict-xml.js'

const items = (many: number) => Array.from({ length: many }, (_, at): ReportItem => ({ kind: 'vm', id: `vm-${at}`, name: `web${at}`, pool: 'p', result: 'done', state: 'running', job: null, startedAt: null, seconds: 1, error: null }))
const report = (many = 1): Report => ({
  run: 'run-1', operation: 'vm.start', farm: 'f', user: 'admin', total: many, done: many, unchanged: 0, failed: 0, unknown: 0, notAttempted: 0, accepted: 0, wouldDo: 0, wouldFail: 0,
  startedAt: '2010-07-28T00:00:00Z', endedAt: '2010-07-28T00:00:41Z', elapsedSeconds: 41.2, items: items(many),
})
const asJson = (of: Report) => renderReport(of, plainLook('json'), false)

const root = mkdtempSync(join(tmpdir(), 'ovmcli-reports-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let folder = ''
let count = 0
beforeEach(() => mkdirSync(folder = join(root, String(count++))))
afterEach(() => vi.useRealTimers())
const at = (name: string) => join(folder, name)

function refused(...specs: string[]): Refusal {
  try {
    openReportFiles(specs).discard()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error(`${specs.join(' ')} was taken`)
}

async function failure(work: Promise<void>): Promise<Refusal> {
  const error: unknown = await work.then(() => null, (thrown: unknown) => thrown)
  if (error instanceof Refusal) return error
  throw new Error('nothing was refused', { cause: error })
}

function fifo(): string {
  spawnSync('mkfifo', [at('fifo')])
  return at('fifo')
}

describe('--report', () => {
  it('writes what -o json prints, and JUnit, and leaves nothing else behind', async () => {
    const files = openReportFiles([`json=${at('a=b.json')}`, `junit=${at('r.xml')}`])
    await files.write(report())
    files.discard()
    expect(readFileSync(at('a=b.json'), 'utf8')).toBe(await asJson(report()))
    expect(parseXml(readFileSync(at('r.xml'), 'utf8')).name).toBe('testsuites')
    expect(readdirSync(folder).sort()).toEqual(['a=b.json', 'r.xml'])
  })

  it('without files writes nothing', async () => {
    const files = openReportFiles([])
    await files.write(report())
    files.discard()
  })

  it('keeps an older report until the new one is complete, and for good when there is none', async () => {
    writeFileSync(at('r'), 'older', { mode: 0o640 })
    const given = openReportFiles([`json=${at('r')}`])
    expect(readFileSync(at('r'), 'utf8')).toBe('older')
    given.discard()
    given.discard()
    expect([readdirSync(folder), readFileSync(at('r'), 'utf8')]).toEqual([['r'], 'older'])
    await openReportFiles([`json=${at('r')}`]).write(report())
    expect([readFileSync(at('r'), 'utf8'), statSync(at('r')).mode & 0o777]).toEqual([await asJson(report()), 0o640])
  })

  it('follows symbolic links, also to what is not there yet', async () => {
    mkdirSync(at('data'))
    writeFileSync(at('data/old'), 'older')
    symlinkSync('data/old', at('a'))
    symlinkSync('data/new', at('b'))
    await openReportFiles([`json=${at('a')}`, `junit=${at('b')}`]).write(report())
    expect(readFileSync(at('data/old'), 'utf8')).toBe(await asJson(report()))
    expect(readdirSync(at('data')).sort()).toEqual(['new', 'old'])
    symlinkSync('loop', at('loop'))
    expect(refused(`json=${at('loop')}`).exit).toBe(2)
  })

  it('refuses what is no kind or no file, and says what is', () => {
    const hint = 'write --report junit=FILE or --report json=FILE'
    expect(refused('xml=a')).toMatchObject({ code: 'usage.argument', exit: 2, message: '--report: there is no kind "xml" of report files', hint })
    for (const spec of ['', 'r.xml', '=r.xml', 'JUnit=a', 'toString=a']) expect(refused(spec).message, spec).toMatch(/there is no kind/)
    for (const spec of ['junit', 'junit=']) expect(refused(spec), spec).toMatchObject({ message: '--report: junit wants a file', hint })
    for (const path of ['-', '/dev/stdout', '/dev/stderr', '/dev/fd/1', '/proc/self/fd/1']) expect(refused(`json=${path}`), path).toMatchObject({ code: 'usage.argument', message: `--report: ${path} carries other output` })
  })

  it('refuses a file that cannot be created, and leaves none behind', async () => {
    writeFileSync(at('file'), '')
    symlinkSync(folder, at('folder'))
    const socket = createServer().listen(at('socket'))
    await new Promise(resume => socket.once('listening', resume))
    const cases = {
      'no/r': 'no such file or directory (ENOENT)', '.': 'it is a folder', 'folder': 'it is a folder', 'new/': 'it is a folder', 'file/r': 'a part of its path is no folder (ENOTDIR)',
      [`${'x'.repeat(256)}`]: 'name too long (ENAMETOOLONG)', 'socket': 'it is a socket', 'a\u0000b': 'null bytes',
    }
    for (const [name, reason] of Object.entries(cases)) {
      const error = refused(`junit=${at('first')}`, `json=${folder}/${name}`)
      expect([error.code, error.message], name).toEqual(['usage.argument', expect.stringContaining(reason)])
    }
    socket.close()
    expect(readdirSync(folder).filter(name => name !== 'socket')).toEqual(['file', 'folder'])
  })

  it('refuses the same file twice, however it is written', () => {
    symlinkSync('r', at('link'))
    for (const second of ['r', './r', '../' + folder.split('/').at(-1)! + '/r', 'link']) expect(refused(`json=${at('r')}`, `junit=${folder}/${second}`).message, second).toMatch(/it is given twice$/)
    expect(readdirSync(folder)).toEqual(['link'])
  })

  it('refuses the file that stdout goes to, which would be lost', () => {
    const from = (file: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, '../..', file)).href)
    const script = `import { openReportFiles } from ${from('src/cli/report-files.ts')}; try { openReportFiles(['json=${at('out')}']) } catch (error) { console.error(error.message) }`
    const out = openSync(at('out'), 'w')
    const { stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: ['ignore', out, 'pipe'], encoding: 'utf8', cwd: join(import.meta.dirname, '../..') })
    closeSync(out)
    expect([stderr, readdirSync(folder)]).toEqual([`--report: cannot create ${JSON.stringify(at('out'))}: stdout goes there\n`, ['out']])
  })

  it('refuses what may not be written', () => {
    if (process.getuid?.() === 0) return // to whom nothing is denied
    mkdirSync(at('sealed'), { mode: 0o555 })
    writeFileSync(at('kept'), 'older', { mode: 0o444 })
    expect(refused(`json=${at('sealed/r')}`).message).toContain('permission denied (EACCES)')
    expect(refused(`json=${at('kept')}`).message).toContain('permission denied (EACCES)')
    chmodSync(at('sealed'), 0o755)
  })

  it('never goes through what lies at the name of its temporary file', async () => {
    writeFileSync(at('victim'), 'precious')
    symlinkSync('victim', at(`r.tmp-${process.pid}`))
    await openReportFiles([`json=${at('r')}`]).write(report())
    expect([readFileSync(at('victim'), 'utf8'), readdirSync(folder).sort()]).toEqual(['precious', ['r', 'victim']])
  })

  it('writes to devices as they are, and says when one is full', async () => {
    await openReportFiles(['json=/dev/null']).write(report())
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
    const error = await failure(openReportFiles([`json=/dev/full`, `junit=${at('r.xml')}`]).write(report()))
    expect(error).toMatchObject({
      code: 'report.write', exit: 8, message: 'a report file could not be written: "/dev/full": no space left on device (ENOSPC)', hint: 'stdout has it all, and so has ovmcli run show run-1 -o json',
      details: { files: [{ file: '/dev/full', reason: 'no space left on device (ENOSPC)' }] },
    })
    expect(parseXml(readFileSync(at('r.xml'), 'utf8')).name).toBe('testsuites')
  })

  it('leaves the older report and no temporary file when its place is taken meanwhile', async () => {
    const files = openReportFiles([`json=${at('r')}`])
    mkdirSync(at('r'))
    expect((await failure(files.write({ ...report(), run: null }))).hint).toBe('stdout has it all')
    expect(readdirSync(folder)).toEqual(['r'])
  })

  it('gives a FIFO all of a large report, as fast as it is read', async () => {
    const path = fifo()
    const reader = spawn('bash', ['-c', `while dd bs=20000 count=1 status=none of=${at('part')} && [ -s ${at('part')} ]; do cat ${at('part')} >> ${at('out')}; sleep 0.01; done < ${path}`])
    await new Promise(resume => setTimeout(resume, 200))
    await Promise.all([openReportFiles([`json=${path}`]).write(report(3_000)), new Promise(resume => reader.once('exit', resume))])
    expect(readFileSync(at('out'), 'utf8')).toBe(await asJson(report(3_000)))
    expect(statSync(path).isFIFO()).toBe(true)
  })

  it('waits for the reader of a FIFO, but not for ever', async () => {
    const path = fifo()
    const late = openReportFiles([`json=${path}`])
    const reader = spawn('bash', ['-c', `sleep 0.2; cat ${path} > ${at('out')}`])
    await Promise.all([late.write(report()), new Promise(resume => reader.once('exit', resume))])
    expect(readFileSync(at('out'), 'utf8')).toBe(await asJson(report()))
    vi.useFakeTimers()
    const never = failure(openReportFiles([`json=${path}`]).write(report()))
    await vi.advanceTimersByTimeAsync(11_000)
    expect((await never).message).toBe(`a report file could not be written: ${JSON.stringify(path)}: nobody reads it`)
    expect(existsSync(path)).toBe(true)
  })
})
