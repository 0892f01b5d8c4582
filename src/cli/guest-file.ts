import { isUtf8 } from 'node:buffer'
import type { ErrorCode } from '../model/errors.js'
import { guestFaults, togetherFaults } from '../model/guest-faults.js'
import { guestSpec, overlaidFields, type GuestFields, type GuestSpec } from '../model/guest-spec.js'
import { expandNames, isNamePattern, mostNewNames } from '../model/name-pattern.js'
import { called, garbledLines, givenBytes } from './given-file.js'
import { didYouMean, guestFieldNames, isGuestField, putField, ValueFault } from './guest-fields.js'
import { formatOf, guestRows, type GuestRow, type Place } from './guest-rows.js'
import { Refusal } from './refusal.js'
import { listed, saidOf, withNear } from './told-faults.js'

const mostMiB = 64
/** How many faults are told of. */
const toldFaults = 20

/** What is wrong at a place of a file; `field` is null when it is the row as a whole. */
interface FileFault { place: Place; field: string | null; code: ErrorCode; message: string; hint: string | null }

/**
 * The guests of a file (`vm create --file`): csv with a header, YAML, JSON or JSON lines, told by the ending of its name, or, of
 * standard input (`-`), by how it begins. Columns are the fields of a guest (GuestSpec), `tag.KEY` a tag; a name may be a pattern.
 * What a row leaves out is as `defaults` say. All faults of the file are told together, so that nothing is made before all is right.
 * @param tell is told what to do when somebody has to type it @throws Refusal usage.argument, usage.name, vm.os-mode
 */
export async function readGuestFile(source: string, defaults: GuestFields, tell: (line: string) => void = () => {}): Promise<GuestSpec[]> {
  const bytes = givenBytes({ source, flag: '--file', what: 'guests', mostMiB, ifMore: 'make them by several commands' }, tell)
  const wide = bytes.length >= 2 && ['fffe', 'feff'].includes(bytes.toString('hex', 0, 2))
  if (wide || bytes.includes(0)) throw whole(source, wide ? 'is UTF-16' : 'is not a text', wide ? 'save it as UTF-8' : 'write csv, YAML, JSON or JSON lines; of a workbook save a sheet as csv')
  if (!isUtf8(bytes)) throw whole(source, `is not UTF-8 in line ${[...garbledLines(bytes)][0]}`, 'save it as UTF-8')
  return parseGuestFile(bytes.toString('utf8'), source, defaults)
}

/** The guests in the text of such a file. @throws Refusal as readGuestFile */
export async function parseGuestFile(text: string, source: string, defaults: GuestFields): Promise<GuestSpec[]> {
  const format = formatOf(source, text)
  const told = new Faults()
  const guests: { place: Place; spec: GuestSpec }[] = []
  try {
    for (const row of await guestRows(text, format)) for (const spec of guestsOf(row, defaults, told)) {
      if (guests.length === mostNewNames) throw new ValueFault(`holds more than ${mostNewNames} guests`, 'make them by several commands')
      guests.push({ place: row.place, spec })
    }
  } catch (error) {
    if (!(error instanceof ValueFault)) throw error
    throw whole(source, error.message.startsWith('is ') || error.message.startsWith('holds ') ? error.message : `is no ${format} of guests: ${error.message}`, error.hint)
  }
  for (const { at, first, fault } of togetherFaults(guests.map(({ spec }) => spec))) {
    told.add(guests[at]!.place, { ...fault, message: `${fault.message} (${placed(guests[first]!.place)})` })
  }
  told.check(source)
  if (guests.length === 0) throw whole(source, `holds no guests (it was read as ${format})`, 'write one guest a row, with at least a name')
  return guests.map(({ spec }) => spec)
}

/** The guests of a row, several when its name is a pattern; what is wrong with it is told. */
function guestsOf(row: GuestRow, defaults: GuestFields, told: Faults): GuestSpec[] {
  const { place } = row
  if ('what' in row) {
    told.add(place, { field: null, code: 'usage.argument', message: row.what, hint: row.hint })
    return []
  }
  const own: GuestFields = {}
  const unread = new Set<string>()
  for (const [column, value] of row.values) {
    try {
      putColumn(own, column, value)
    } catch (error) {
      if (!(error instanceof ValueFault)) throw error
      told.add(place, { field: column, code: 'usage.argument', message: error.message, hint: error.hint })
      unread.add(column.startsWith('tag.') ? 'tags' : column)
    }
  }
  const spec = guestSpec(overlaidFields(defaults, own))
  const names = namesOf(spec, place, told)
  // Of a field that could not be read nothing more can be said, and neither of where it comes from when that is unread.
  const sourceUnread = [...unread].some(field => ['pxe', 'diskMiB', 'template', 'iso'].includes(field))
  for (const fault of guestFaults({ ...spec, name: names === null ? 'x' : (names[0] ?? spec.name) })) {
    if (unread.has(fault.field) || (sourceUnread && fault.field === 'template')) continue
    told.add(place, withNear(fault, spec))
  }
  return (names ?? [spec.name]).map(name => ({ ...spec, name }))
}

/** The names that a row stands for; null when they are wrong, which is told. */
function namesOf(spec: GuestSpec, place: Place, told: Faults): string[] | null {
  if (!isNamePattern(spec.name)) return [spec.name]
  try {
    return expandNames(spec.name, 'guest')
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    told.add(place, { field: 'name', code: error.code, message: error.message, hint: error.hint })
    return null
  }
}

/** Puts the value of a column where it belongs. @throws ValueFault */
function putColumn(fields: GuestFields, column: string, value: unknown): void {
  if (column.startsWith('tag.')) {
    const before = fields.tags ?? {}
    putField(fields, 'tags', { [column.slice(4)]: value })
    fields.tags = { ...before, ...fields.tags }
  } else if (isGuestField(column)) {
    const before = column === 'tags' ? fields.tags : undefined
    putField(fields, column, value)
    if (before) fields.tags = { ...before, ...fields.tags }
  } else throw new ValueFault('is no field of a new guest', didYouMean(column, guestFieldNames) ?? `fields: ${guestFieldNames.join(' ')}, and tag.KEY`)
}

/** Faults of a file, told together: the first ones, and how many there are. */
class Faults {
  private readonly first: FileFault[] = []
  private count = 0
  private readonly codes = new Set<ErrorCode>()

  add(place: Place, fault: Omit<FileFault, 'place'>): void {
    this.codes.add(fault.code)
    if (this.count++ < toldFaults) this.first.push({ place, ...fault })
  }

  /** @throws Refusal when there is any */
  check(source: string): void {
    if (this.count === 0) return
    const [fault] = this.first
    const code = this.codes.size === 1 ? fault!.code : 'usage.argument'
    throw new Refusal(code, `--file: ${called(source)} ${listed(this.first.map(one => one.field === null ? `${placed(one.place)} ${one.message}` : `${placed(one.place)}, ${saidOf(shortened(one.field), one.message)}`), this.count)}`, fault!.hint ?? 'nothing was made: mend it and say the same again', { faults: this.first.map(({ place, ...rest }) => ({ ...place, ...rest })), count: this.count })
  }
}

function placed(place: Place): string {
  return place === null ? '' : 'line' in place ? `line ${place.line}` : `guest ${place.guest}`
}

function shortened(column: string): string {
  return column.length > 60 ? `${column.slice(0, 60)}…` : column
}

function whole(source: string, what: string, hint: string | null): Refusal {
  return new Refusal('usage.argument', `--file: ${called(source)} ${what}`, hint)
}
