import { Server, WSDL, type IServices } from 'soap'
import * as v from 'valibot'
import type { Manager } from '../../contract/manager.js'
import { Refusal } from '../../model/errors.js'
import type { Answer } from '../calls.js'
import { wireNode, type WireNode } from '../codec/node.js'
import { faultShape } from '../../contract/shapes/fault.js'
import { EnvelopeFault, open } from '../envelope.js'
import type { Identified, OtherService } from '../service.js'
import { requestBounds, XmlFault } from '../xml/reader.js'
import { escapeText, speakableText, unescapeWords } from '../xml/texts.js'
import { wsdlOf } from '../wsdl.js'
import { SchemaWriter } from '../xsd.js'
import { Farm } from './farm.js'
import { oracleServices, type OracleOperation } from './operations.js'

/** The namespaces of 2.2, as a client that was generated from its WSDLs has them. */
const serviceSpace = 'http://oracle.ovs.api/'
const typeSpace = 'http://oracle.ovs.api/types/'

/** The services of Oracle VM 2.2 over a Manager, by name: what programs that were written against that API find. `onDefect` is told of what went wrong in us. */
export function oracle22(manager: Manager, onDefect: (error: unknown) => void): Record<string, OtherService> {
  return Object.fromEntries(Object.entries(oracleServices).map(([name, operations]) => [name, new OracleService(name, operations, manager, onDefect)]))
}

/** One of them, dispatched and written by the `soap` package (docs/decisions says why this, and not FarmService); what it does not bound is bounded before. */
class OracleService implements OtherService {
  private server: Promise<Server> | null = null

  constructor(private readonly name: string, private readonly operations: Readonly<Record<string, OracleOperation>>, private readonly manager: Manager, private readonly onDefect: (error: unknown) => void) {}

  wsdl(address: string): Promise<string> {
    return Promise.resolve(oracleWsdl(this.name, this.operations, address))
  }

  async answer(who: Identified, body: string): Promise<Answer> {
    const server = await (this.server ??= this.made())
    // The library would take whatever it is given: what is not well-formed, too deep, or no call of ours does not get there.
    const refusal = this.malformed(body)
    if (refusal) return { status: 500, xml: plainFault(refusal) }
    // The only thing of a request that reaches a handler as it is given here.
    const connection = { who } as unknown as { remoteAddress?: string }
    const { statusCode, body: xml } = await server.processRequest(body, { connection, headers: { 'content-type': 'text/xml; charset=utf-8' } })
    if (xml.includes('soap:Envelope')) return { status: statusCode, xml }
    // It tells of its own defects in words, and stacks, of its own.
    this.onDefect(new Error(`the soap package answers: ${xml}`))
    return { status: 500, xml: plainFault(new Refusal('defect.internal', 'the manager failed in this call', 'its log says more')) }
  }

  /** What is wrong with a document before its parameters are asked after; null: nothing. */
  private malformed(body: string): Refusal | null {
    try {
      const call = open(body, requestBounds)
      const { name, space, reader } = call
      reader.skip()
      call.close()
      if (space === typeSpace && name.endsWith('Element') && Object.hasOwn(this.operations, name.slice(0, -'Element'.length))) return null
      return new Refusal('usage.request', `${this.name} has no call ${JSON.stringify(name.slice(0, 80))}`, 'its WSDL tells which there are')
    } catch (error) {
      if (!(error instanceof XmlFault) && !(error instanceof EnvelopeFault)) throw error
      return new Refusal('usage.request', `the request is no SOAP that is read here: ${error.message}`)
    }
  }

  private async made(): Promise<Server> {
    const path = `/OVSWS/${this.name}SoapHttpPort`
    const wsdl = new WSDL(oracleWsdl(this.name, this.operations, `http://localhost${path}`), path, {})
    await new Promise<void>((resolve, reject) => { wsdl.onReady(error => { if (error) reject(error); else resolve() }) })
    // It writes attributes of that prefix, and does not declare it.
    ;(wsdl as unknown as { xmlnsInEnvelope: string }).xmlnsInEnvelope += ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    const handlers = Object.fromEntries(Object.entries(this.operations).map(([name, operation]) => [name, this.handler(operation)]))
    const services = { [this.name]: { [`${this.name}SoapHttpPort`]: handlers } } as unknown as IServices
    return new Server(undefined as never, path, services, wsdl, { path, services, suppressStack: true } as never)
  }

  private handler(operation: OracleOperation) {
    const parameters = wireNode(operation.parameters)
    const answer = wireNode(operation.answer)
    return async (args: unknown, _callback: unknown, _headers: unknown, req: { connection: { who: Identified } }) => {
      try {
        const given = v.safeParse(operation.parameters, plainOf(parameters, args))
        if (!given.success) throw new Refusal('usage.request', `the call does not have the shape of the WSDL: ${v.getDotPath(given.issues[0]) ?? 'call'}: ${given.issues[0].message}`, 'its WSDL tells what it asks')
        const { user, password } = req.connection.who
        return { result: soapOf(answer, await operation.work(new Farm(this.manager, { user, ...(password === undefined ? {} : { password }) }), given.output)) }
      } catch (error) {
        if (!(error instanceof Refusal)) this.onDefect(error)
        throw faultOf(error instanceof Refusal ? error : new Refusal('defect.internal', 'the manager failed in this call', 'its log says more'))
      }
    }
  }
}

/** What the library gives for elements: one element of a list alone is no list, an empty one is null. */
function plainOf(node: WireNode, value: unknown): unknown {
  if (node.kind === 'nullable') return isNil(value) ? null : plainOf(node.of, value)
  if (node.kind === 'text') return isNil(value) ? '' : typeof value === 'object' ? value : unescapeWords(String(value))
  if (node.kind === 'number') return typeof value === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(value) ? Number(value) : value
  if (node.kind !== 'object') return value
  const given = isNil(value) || value === '' ? {} : value
  if (typeof given !== 'object') return given
  return Object.fromEntries([
    ...Object.entries(given as object).filter(([name]) => name !== 'attributes' && !node.byName.has(name)),
    // What may be nil may be left out as well.
    ...node.fields.flatMap(({ name, node: of }) => (Object.hasOwn(given as object, name) || of.kind === 'nullable' ? [[name, plainOf(of, (given as Record<string, unknown>)[name])] as const] : [])),
  ])
}

/** A value as the library writes it: lists have their elements in `item`. */
function soapOf(node: WireNode, value: unknown): unknown {
  switch (node.kind) {
    case 'nullable': return value === null || value === undefined ? { attributes: { 'xsi:nil': 'true' } } : soapOf(node.of, value)
    case 'array': return { item: (value as unknown[]).map(one => soapOf(node.item, one)) }
    case 'object': return Object.fromEntries(node.fields.map(field => [field.name, soapOf(field.node, (value as Record<string, unknown>)[field.name])]))
    // What XML cannot hold it would write as it is.
    case 'text': return speakableText(String(value))
    default: return value
  }
}

/** Nil, as the library gives it: nothing, or an object with the attribute alone. */
function isNil(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'object' && Object.keys(value).every(key => key === 'attributes'))
}

/** A SOAP 1.1 fault as the library wants it thrown, with the HTTP status that it would leave at 200. */
function faultOf({ fault }: Refusal): unknown {
  const hint = fault.hint === null ? { attributes: { 'xsi:nil': 'true' } } : speakableText(fault.hint)
  // The library declares no prefix in a fault: the schema's names are told here.
  const detail = { attributes: { xmlns: typeSpace, 'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance' }, code: fault.code, message: speakableText(fault.message), hint, details: speakableText(JSON.stringify(fault.details)) }
  return { Fault: { faultcode: fault.code === 'defect.internal' ? 'soap:Server' : 'soap:Client', faultstring: speakableText(fault.message), detail: { fault: detail }, statusCode: 500 } }
}

/** The same where the library is not asked. */
function plainFault({ fault }: Refusal): string {
  const message = escapeText(fault.message)
  const hint = fault.hint === null ? '<hint xsi:nil="true"/>' : `<hint>${escapeText(fault.hint)}</hint>`
  const detail = `<fault xmlns="${typeSpace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><code>${fault.code}</code><message>${message}</message>${hint}<details>${escapeText(JSON.stringify(fault.details))}</details></fault>`
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault><faultcode>soap:${fault.code === 'defect.internal' ? 'Server' : 'Client'}</faultcode><faultstring>${message}</faultstring><detail>${detail}</detail></soap:Fault></soap:Body></soap:Envelope>`
}

function oracleWsdl(service: string, operations: Readonly<Record<string, OracleOperation>>, address: string): string {
  const writer = new SchemaWriter()
  const elements = Object.entries(operations).flatMap(([name, { parameters, answer }]) => {
    const hint = `${name[0]!.toUpperCase()}${name.slice(1)}`
    const node = wireNode(parameters) as WireNode & { kind: 'object' }
    return [
      `<xsd:element name="${name}Element"><xsd:complexType>${writer.sequence(node.fields, hint)}</xsd:complexType></xsd:element>`,
      `<xsd:element name="${name}ResponseElement"><xsd:complexType><xsd:sequence>${writer.element('result', wireNode(answer), hint)}</xsd:sequence></xsd:complexType></xsd:element>`,
    ]
  })
  elements.push(writer.element('fault', wireNode(faultShape), ''))
  const schemas = `<xsd:schema targetNamespace="${typeSpace}" elementFormDefault="qualified" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="${typeSpace}">\n${elements.join('\n')}\n${writer.written()}\n</xsd:schema>`
  return wsdlOf({
    service, port: `${service}SoapHttpPort`, space: serviceSpace, types: typeSpace, schemas, fault: null, address,
    operations: Object.entries(operations).map(([name, { meaning }]) => ({ name, meaning, request: `${name}Element`, answer: `${name}ResponseElement`, action: `${serviceSpace}/${name}` })),
  })
}
