import type { Report } from '../contract/manager.js'
import { Refusal } from '../model/errors.js'
import { fileReason } from '../disk/file-reason.js'
import { renderJunit } from './junit-view.js'
import { openNewFile, PathFault, placeOf, type NewFile } from './new-file.js'
import { plainLook } from './render.js'
import { renderReport } from './report-view.js'

const renderers: Readonly<Record<string, (report: Report) => string | Promise<string>>> = {
  junit: renderJunit,
  json: report => renderReport(report, plainLook('json'), false),
}

const howTo = `write ${Object.keys(renderers).map(kind => `--report ${kind}=FILE`).join(' or ')}`

/** The other names of stdout and stderr; the report there is chosen by -o. */
const streamNames = /^(?:-|\/dev\/(?:stdout|stderr|fd\/[012])|\/proc\/(?:self|\d+)\/fd\/[012])$/

/** The files of `--report`, open until `write` or `discard`. */
export interface ReportFiles {
  /** Writes every file, and puts each in its place. @throws Refusal report.write naming those that could not be, when the others are written */
  write(report: Report): Promise<void>
  /** Gives up what was not written; older reports stay as they were. */
  discard(): void
}

/** Opens the files of `--report KIND=FILE`, before a run begins. @throws Refusal usage.argument, leaving no file behind */
export function openReportFiles(specs: readonly string[]): ReportFiles {
  const opened: { spec: Spec; file: NewFile }[] = []
  const discard = () => { for (const { file } of opened) file.discard() }
  const places = new Set<string>()
  try {
    for (const spec of specs.map(parseSpec)) opened.push({ spec, file: open(spec, places) })
  } catch (error) {
    discard()
    throw error
  }
  return { discard, write: report => writeAll(opened, report) }
}

interface Spec { kind: string; path: string }

function parseSpec(text: string): Spec {
  const at = text.indexOf('=')
  const [kind, path] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
  if (!Object.hasOwn(renderers, kind)) throw new Refusal('usage.argument', `--report: there is no kind ${shown(kind)} of report files`, howTo)
  if (path === '') throw new Refusal('usage.argument', `--report: ${kind} wants a file`, howTo)
  if (streamNames.test(path)) throw new Refusal('usage.argument', `--report: ${path} carries other output`, `stdout carries one document, chosen by -o (-o json is the same as --report json=FILE); ${howTo}`)
  return { kind, path }
}

/** Opens the file of a spec, and adds its place to those that are taken. */
function open({ path }: Spec, places: Set<string>): NewFile {
  try {
    const place = placeOf(path)
    if (places.has(place)) throw new PathFault('it is given twice')
    places.add(place)
    return openNewFile(place)
  } catch (error) {
    throw new Refusal('usage.argument', `--report: cannot create ${shown(path)}: ${reason(error)}`, 'give each report a file of its own, in a folder that is there and that you may write to')
  }
}

async function writeAll(opened: readonly { spec: Spec; file: NewFile }[], report: Report): Promise<void> {
  const failures: { file: string; reason: string }[] = []
  for (const { spec, file } of opened) {
    const text = await renderers[spec.kind]!(report)
    try {
      await file.write(text)
    } catch (error) {
      failures.push({ file: spec.path, reason: reason(error) })
    }
  }
  if (failures.length === 0) return
  const said = failures.map(failure => `${shown(failure.file)}: ${failure.reason}`).join('; ')
  const again = report.run === null ? 'stdout has it all' : `stdout has it all, and so has ovmcli run show ${report.run} -o json`
  throw new Refusal('report.write', `a report file could not be written: ${said}`, again, { files: failures })
}

/** Why, in words; what no file system says is a defect, and goes on. */
function reason(error: unknown): string {
  if (error instanceof PathFault) return error.message
  if (error instanceof Error && 'code' in error) return fileReason(error)
  throw error
}

function shown(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}
