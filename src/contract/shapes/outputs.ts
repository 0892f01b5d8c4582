import * as v from 'valibot'
import { recordKinds, type RecordKind } from '../fields.js'
import { batchAnswerShape } from './batch.js'
import { commandShape, completionSetupShape } from './command.js'
import { clockReadingShape, farmStatusShape, farmTopologyShape } from './farm.js'
import { consoleShape } from './console.js'
import { guestDiskRowShape, nicShape } from './guest-parts.js'
import { recordShape } from './records.js'
import { backupShape, managerMadeShape, managerStatusShape, profileShape, restoredShape } from './service.js'
import { reportShape } from './report.js'
import { agentLogShape, agentShape, serverNicShape, serverRepoShape } from './servers.js'
import { discoveredShape } from './discovered.js'
import { farmMadeShape, farmSummaryShape, faultSummaryShape, presetSummaryShape, worldStatusShape } from './sim.js'
import { healthCheckShape, rightAnswerShape, whoAmIShape } from './who.js'

/** What commands print as JSON, by the name that their `static output` says; the records of the farm come beside these. */
export const documentShapes = {
  report: reportShape,
  'farm-status': farmStatusShape,
  topology: farmTopologyShape,
  'clock-reading': clockReadingShape,
  'world-status': worldStatusShape,
  farm: farmSummaryShape,
  profile: profileShape,
  'manager-made': managerMadeShape,
  'manager-backup': backupShape,
  'manager-restored': restoredShape,
  'manager-status': managerStatusShape,
  'farm-made': farmMadeShape,
  preset: presetSummaryShape,
  fault: faultSummaryShape,
  'report-or-discovered': v.union([reportShape, v.array(discoveredShape)]),
  command: commandShape,
  'completion-setup': completionSetupShape,
  'batch-answer': batchAnswerShape,
  who: whoAmIShape,
  right: rightAnswerShape,
  check: healthCheckShape,
  console: consoleShape,
  nic: nicShape,
  'guest-disk': guestDiskRowShape,
  'server-nic': serverNicShape,
  'server-repo': serverRepoShape,
  agent: agentShape,
  'agent-log': agentLogShape,
} satisfies Record<string, v.GenericSchema>

type DocumentName = keyof typeof documentShapes

/**
 * What a command prints as JSON: a document, an array of them (`farm[]`), or one a line (`batch-answer/line`); the records of
 * its topic, `list`ed, `show`n, or one a line as they come (`record/line`); `none` where it prints none.
 */
export type OutputName = DocumentName | `${DocumentName}[]` | `${DocumentName}/line` | 'list' | 'show' | 'record/line' | 'none'

/** How a document is made up: one of a shape, several, or (show) one for one name, several for more; or one document a line. */
export interface DocumentForm { shape: v.GenericSchema; form: 'one' | 'many' | 'one-or-many' | 'lines' }

/** The form of an output; null for none. @param topic the topic of the command, whose records list and show mean */
export function documentForm(output: OutputName, topic: string): DocumentForm | null {
  if (output === 'none') return null
  if (output === 'list' || output === 'show' || output === 'record/line') {
    if (!recordKinds.includes(topic as RecordKind)) throw new Error(`${topic} is no kind of record, so its command has to name another output than ${output}`)
    return { shape: recordShape(topic as RecordKind, output === 'show'), form: output === 'show' ? 'one-or-many' : output === 'list' ? 'many' : 'lines' }
  }
  const name = output.replace(/\[\]$|\/line$/, '') as DocumentName
  return { shape: documentShapes[name], form: output.endsWith('[]') ? 'many' : output.endsWith('/line') ? 'lines' : 'one' }
}
