import * as v from 'valibot'
import { contractVersion } from '../contract/manager.js'
import { errorCodes, type Fault } from '../model/errors.js'
import { encode } from './codec/encode.js'
import { decode } from './codec/decode.js'
import { wireNode } from './codec/node.js'
import { faultShape } from '../contract/shapes/fault.js'
import { escapeText } from './xml/texts.js'
import { XmlReader, type XmlBounds } from './xml/reader.js'

/** The namespace of SOAP 1.1. */
export const soapSpace = 'http://schemas.xmlsoap.org/soap/envelope/'
/** What the namespace of FarmService begins with; the version of the contract follows. */
export const farmSpaceStem = 'urn:ovmcli:farm:'
/** The namespace of FarmService. */
export const farmSpace = `${farmSpaceStem}${contractVersion}`

const head = `<?xml version="1.0" encoding="UTF-8"?>\n<e:Envelope xmlns:e="${soapSpace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body>`
const foot = '</e:Body></e:Envelope>'

/** An envelope around the element of a call or of its answer. */
export function enveloped(element: string, content: string): string {
  return `${head}<${element} xmlns="${farmSpace}">${content}</${element}>${foot}`
}

/** Who is at fault, as SOAP 1.1 says it. */
export type FaultSide = 'Client' | 'Server' | 'MustUnderstand' | 'VersionMismatch'

const faultNode = wireNode(faultShape)

/** An envelope with a fault; its detail is the whole error of the contract. */
export function faultEnvelope(side: FaultSide, fault: Fault): string {
  return `${head}<e:Fault><faultcode>e:${side}</faultcode><faultstring>${escapeText(fault.message)}</faultstring><detail>${encode('fault', faultNode, fault).replace('<fault>', `<fault xmlns="${farmSpace}">`)}</detail></e:Fault>${foot}`
}

/** What stands in the body of an envelope. */
export interface Opened { reader: XmlReader; name: string; space: string; close(): void }

/** An envelope that is no SOAP 1.1. */
export class EnvelopeFault extends Error {
  constructor(readonly side: FaultSide, message: string) {
    super(message)
    this.name = 'EnvelopeFault'
  }
}

/** Opens an envelope up to the element in its body, which is entered. @throws XmlFault, EnvelopeFault */
export function open(text: string, bounds: XmlBounds): Opened {
  const reader = new XmlReader(text, bounds)
  const named = (name: string) => reader.name === name
  if (!reader.enter() || !named('Envelope')) throw new EnvelopeFault('Client', 'the document is no SOAP envelope')
  if (reader.space !== soapSpace) throw new EnvelopeFault('VersionMismatch', 'the envelope is not one of SOAP 1.1')
  if (!reader.enter()) throw new EnvelopeFault('Client', 'the envelope is empty')
  if (reader.is('Header', soapSpace)) {
    while (reader.enter()) {
      if (reader.mustUnderstand) throw new EnvelopeFault('MustUnderstand', `nobody here understands the header ${JSON.stringify(reader.name.slice(0, 80))}`)
      reader.skip()
    }
    reader.leave()
    if (!reader.enter()) throw new EnvelopeFault('Client', 'the envelope has no body')
  }
  if (!reader.is('Body', soapSpace)) throw new EnvelopeFault('Client', 'the envelope has no body')
  if (!reader.enter()) throw new EnvelopeFault('Client', 'the body of the envelope is empty')
  const { name, space } = reader
  return {
    reader, name, space,
    close: () => {
      if (reader.enter()) throw new EnvelopeFault('Client', 'more than one element in the body')
      reader.leave()
      while (reader.enter()) reader.skip()
      reader.leave()
      reader.finish()
    },
  }
}

/** The error in a fault; `known`: whether its code is one of ours, and not only of a newer manager. */
export interface FaultRead { known: boolean; fault: Fault }

/** The error in a fault, whose element is entered; null where its detail is not one of ours. @throws XmlFault, SchemaFault */
export function readFault({ reader }: Opened): FaultRead | null {
  let found: FaultRead | null = null
  while (reader.enter()) {
    if (!reader.is('detail', '')) {
      reader.skip()
      continue
    }
    while (reader.enter()) {
      if (reader.is('fault', farmSpace)) found = ofOurs(reader)
      else reader.skip()
    }
    reader.leave()
  }
  reader.leave()
  return found
}

// A newer manager may have codes that this table does not.
const anyFault = wireNode(v.strictObject({ ...faultShape.entries, code: v.string() }))

function ofOurs(reader: XmlReader): FaultRead {
  const fault = decode({ reader, space: farmSpace, unknown: 'skip' }, anyFault, 'fault') as Fault
  return { known: Object.hasOwn(errorCodes, fault.code), fault }
}
