import type * as v from 'valibot'
import { recordKinds, type RecordKind } from '../fields.js'
import { commandShape } from './command.js'
import { clockReadingShape, farmStatusShape, farmTopologyShape } from './farm.js'
import { recordShape } from './records.js'
import { reportShape } from './report.js'
import { farmMadeShape, farmSummaryShape, faultSummaryShape, presetSummaryShape, worldStatusShape } from './sim.js'

/** What commands print as JSON, by the name that their `static output` says; the records of the farm come beside these. */
export const documentShapes = {
  report: reportShape,
  'farm-status': farmStatusShape,
  topology: farmTopologyShape,
  'clock-reading': clockReadingShape,
  'world-status': worldStatusShape,
  farm: farmSummaryShape,
  'farm-made': farmMadeShape,
  preset: presetSummaryShape,
  fault: faultSummaryShape,
  command: commandShape,
} satisfies Record<string, v.GenericSchema>

type DocumentName = keyof typeof documentShapes

/**
 * What a command prints as JSON: a document or an array of them (`farm[]`); the records of its topic, `list`ed or `show`n;
 * `none` where it prints no document.
 */
export type OutputName = DocumentName | `${DocumentName}[]` | 'list' | 'show' | 'none'

/** How a document is made up: one of a shape, several, or (show) one for one name, several for more. */
export interface DocumentForm { shape: v.GenericSchema; form: 'one' | 'many' | 'one-or-many' }

/** The form of an output; null for none. @param topic the topic of the command, whose records list and show mean */
export function documentForm(output: OutputName, topic: string): DocumentForm | null {
  if (output === 'none') return null
  if (output === 'list' || output === 'show') {
    if (!recordKinds.includes(topic as RecordKind)) throw new Error(`${topic} is no kind of record, so ${topic} ${output} has to name its output`)
    return { shape: recordShape(topic as RecordKind, output === 'show'), form: output === 'show' ? 'one-or-many' : 'many' }
  }
  const name = output.replace(/\[\]$/, '') as DocumentName
  return { shape: documentShapes[name], form: output.endsWith('[]') ? 'many' : 'one' }
}
