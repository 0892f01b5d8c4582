import { escapeText } from '../xml/texts.js'
import type { WireField, WireNode } from './node.js'

/** Elements for the fields of an object, without one around them. Absent fields leave none. */
export function encodeFields(fields: readonly WireField[], value: object): string {
  let xml = ''
  for (const { name, node, optional } of fields) {
    const given = (value as Record<string, unknown>)[name]
    if (given === undefined && optional) continue
    xml += encode(name, node, given)
  }
  return xml
}

/** An element that holds a value; null is `xsi:nil`, whose prefix the envelope declares. */
export function encode(name: string, node: WireNode, value: unknown): string {
  switch (node.kind) {
    case 'nullable': return value === null ? `<${name} xsi:nil="true"/>` : encode(name, node.of, value)
    case 'text': return `<${name}>${escapeText(value as string)}</${name}>`
    case 'number': return `<${name}>${numberText(value as number, node.whole)}</${name}>`
    case 'boolean': return `<${name}>${value === true}</${name}>`
    case 'data': return `<${name}>${escapeText(JSON.stringify(value ?? null))}</${name}>`
    case 'array': return `<${name}>${(value as readonly unknown[]).map(item => encode('item', node.item, item)).join('')}</${name}>`
    case 'map': return `<${name}>${Object.entries(value as object).map(([key, one]) => `<entry><key>${escapeText(key)}</key>${encode('value', node.value, one)}</entry>`).join('')}</${name}>`
    case 'object': return `<${name}>${encodeFields(node.fields, value as object)}</${name}>`
    case 'choice': return `<${name}>${encodeChoice(node, value)}</${name}>`
  }
}

function encodeChoice({ options }: WireNode & { kind: 'choice' }, value: unknown): string {
  const isObject = typeof value === 'object' && value !== null
  for (const { node, bare } of options) {
    if (bare ? !isObject : isObject && node.fields[0]!.name in value) return encodeFields(node.fields, bare ? { text: value } : value as object)
  }
  throw new Error('a value that is none of its choices')
}

/** A number as XML Schema writes it: `xsd:integer` without an exponent, `xsd:double` with INF. */
function numberText(value: number, whole: boolean): string {
  if (Object.is(value, -0)) return '-0'
  if (whole && Number.isInteger(value)) return Math.abs(value) < 1e21 ? String(value) : BigInt(value).toString()
  return value === Infinity ? 'INF' : value === -Infinity ? '-INF' : String(value)
}
