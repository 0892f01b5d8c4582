import { faultShape } from '../contract/shapes/fault.js'
import { portMethods, wireMethods } from '../contract/wire/port.js'
import { methodCodec } from './codec/methods.js'
import { wireNode } from './codec/node.js'
import { farmSpace } from './envelope.js'
import { escapeText } from './xml/texts.js'
import { SchemaWriter } from './xsd.js'

/** One operation of a service, as a WSDL tells of it: the elements of its messages are declared in the schema. */
export interface WsdlOperation { name: string; meaning: string; request: string; answer: string; action: string }

/** What a WSDL of document/literal over HTTP tells. `schemas`: whole xsd:schema elements. */
export interface WsdlFacts { service: string; port: string; space: string; types: string; schemas: string; operations: readonly WsdlOperation[]; fault: string | null; address: string }

/** The text of a WSDL 1.1. */
export function wsdlOf({ service, port, space, types, schemas, operations, fault, address }: WsdlFacts): string {
  const each = (write: (operation: WsdlOperation) => string) => operations.map(write).join('\n')
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions name="${service}" targetNamespace="${space}" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="${space}" xmlns:types="${types}">
<types>
${schemas}
</types>
${each(({ name, request, answer }) => `<message name="${name}"><part name="parameters" element="types:${request}"/></message>\n<message name="${name}Response"><part name="parameters" element="types:${answer}"/></message>`)}
${fault === null ? '' : `<message name="${fault}"><part name="${fault}" element="types:${fault}"/></message>`}
<portType name="${service}">
${each(({ name, meaning }) => `<operation name="${name}"><documentation>${escapeText(meaning)}</documentation><input message="tns:${name}"/><output message="tns:${name}Response"/>${fault === null ? '' : `<fault name="${fault}" message="tns:${fault}"/>`}</operation>`)}
</portType>
<binding name="${service}Binding" type="tns:${service}">
<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
${each(({ name, action }) => `<operation name="${name}"><soap:operation soapAction="${action}" style="document"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output>${fault === null ? '' : `<fault name="${fault}"><soap:fault name="${fault}" use="literal"/></fault>`}</operation>`)}
</binding>
<service name="${service}"><port name="${port}" binding="tns:${service}Binding"><soap:address location="${escapeText(address)}"/></port></service>
</definitions>
`
}

let schema: string | null = null

/** The XML Schema of FarmService: the elements of all calls, answers and faults, and their types. */
export function farmSchema(): string {
  if (schema !== null) return schema
  const writer = new SchemaWriter()
  const elements = wireMethods.flatMap(method => {
    const { request, answer } = methodCodec(method)
    const name = `${method[0]!.toUpperCase()}${method.slice(1)}`
    const wrapped = (element: string, content: string) => `<xsd:element name="${element}"><xsd:complexType>${content}</xsd:complexType></xsd:element>`
    return [
      wrapped(method, writer.sequence(request.fields, name)),
      wrapped(`${method}Response`, `<xsd:sequence>${answer === null ? '' : writer.element('result', answer, name)}</xsd:sequence>`),
    ]
  })
  elements.push(writer.element('fault', wireNode(faultShape), ''))
  return (schema = `<xsd:schema targetNamespace="${farmSpace}" elementFormDefault="qualified" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="${farmSpace}">\n${elements.join('\n')}\n${writer.written()}\n</xsd:schema>`)
}

/** The WSDL of FarmService at an address. */
export function farmWsdl(address: string): string {
  return wsdlOf({
    service: 'FarmService', port: 'FarmServiceSoapHttpPort', space: farmSpace, types: farmSpace, schemas: farmSchema(), fault: 'fault', address,
    operations: wireMethods.map(method => ({ name: method, meaning: portMethods[method].meaning, request: method, answer: `${method}Response`, action: `${farmSpace}#${method}` })),
  })
}
