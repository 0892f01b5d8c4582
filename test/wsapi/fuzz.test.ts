import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { wireMethods, type WireMethod } from '../../src/contract/wire/port.js'
import { Refusal } from '../../src/model/errors.js'
import { decode, SchemaFault } from '../../src/wsapi/codec/decode.js'
import { methodCodec } from '../../src/wsapi/codec/methods.js'
import { EnvelopeFault, farmSpace, open, readFault, soapSpace } from '../../src/wsapi/envelope.js'
import { readCall } from '../../src/wsapi/service.js'
import { answerBounds, XmlFault } from '../../src/wsapi/xml/reader.js'
import { hostileDocument } from './hostile-documents.js'

const cases = Number(process.env['OVMCLI_FUZZ_CASES'] ?? 3_000)
const seed = Number(process.env['OVMCLI_FUZZ_SEED'] ?? 20_101)
const endsAt = process.env['OVMCLI_FUZZ_SECONDS'] ? performance.now() + Number(process.env['OVMCLI_FUZZ_SECONDS']) * 1_000 : Infinity

interface Sax { onerror: (error: Error) => void; write(text: string): Sax; close(): void }
/** The parser that the soap package uses, of another make than ours. */
const sax = createRequire(import.meta.url)('sax') as { parser(strict: boolean, options: object): Sax }

function saxTakes(text: string): boolean {
  const parser = sax.parser(true, { xmlns: true, strictEntities: true })
  let fault: Error | null = null
  parser.onerror = error => { fault ??= error }
  try {
    parser.write(text).close()
  } catch (error) {
    fault ??= error as Error
  }
  return fault === null
}

/** Reads as a client does, whatever it was asked. */
function readAnswer(text: string): void {
  const opened = open(text, answerBounds)
  if (opened.name === 'Fault' && opened.space === soapSpace) readFault(opened)
  else {
    const name = opened.name.replace(/Response$/, '') as WireMethod
    const node = wireMethods.includes(name) ? methodCodec(name).answer : null
    if (node && opened.reader.enter()) decode({ reader: opened.reader, space: farmSpace, unknown: 'skip' }, node, name)
    while (opened.reader.enter()) opened.reader.skip()
    opened.reader.leave()
  }
  opened.close()
}

/** Whether it was read; what it is refused with has to be one of ours. */
function isRead(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (error) {
    if (error instanceof XmlFault || error instanceof SchemaFault || error instanceof EnvelopeFault || error instanceof Refusal) return false
    throw error
  }
}

it(`${cases} hostile documents are read or refused in order, and what is read is well-formed to another parser as well`, () => {
  let taken = 0
  let count = 0
  fc.assert(fc.property(hostileDocument, text => {
    count++
    const read = [isRead(() => readCall(text, undefined)), isRead(() => readAnswer(text))]
    if (!read.includes(true)) return
    taken++
    // A lone surrogate cannot come: a body that is no UTF-8 is refused before.
    expect(saxTakes(text), text).toBe(true)
  }), { numRuns: cases, seed, endOnFailure: true, ...(endsAt === Infinity ? {} : { interruptAfterTimeLimit: endsAt - performance.now() }) })
  // Of every kind there is enough, or nothing was tested.
  expect(taken).toBeGreaterThan(count / 50)
  expect(taken).toBeLessThan(count / 1.2)
  expect(process.memoryUsage().heapUsed).toBeLessThan(1 << 29)
})
