import fc from 'fast-check'
import type { WireNode } from '../../src/wsapi/codec/node.js'

/** Texts that have broken codecs: what XML cannot hold, what looks like markup or like our escape, blanks at the ends. */
export const nastyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(code => String.fromCharCode(code)), maxLength: 8 }),
  fc.array(fc.constantFrom(']]>', '<![CDATA[', '&amp;', '&', '<', '>', '"', "'", '\r\n', '\r', '\n', '\t', ' ', '  ', '_x0000_', '_x005F_', '_', 'x0041_', '_x', '\u0000', '\u0007', '\uD800', '\uDC00', '\uFFFE', '\uFFFF', '\uFEFF', '\u0085', '\u2028', '<!--', '-->', '<?x?>', '</item>', 'é', '😀', '__proto__', 'constructor'), { maxLength: 6 }).map(parts => parts.join('')),
)

const data = fc.jsonValue({ maxDepth: 3 })
const whole = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(0, -0, 1e21, 1e300, -5e22))
const number = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(Infinity, -Infinity, -0, 5e-324, 1e21))

/** Any value that a wire node can hold. */
export function valueOf(node: WireNode): fc.Arbitrary<unknown> {
  switch (node.kind) {
    case 'text': return node.values ? fc.constantFrom(...node.values) : nastyText
    case 'number': return node.whole ? whole : number
    case 'boolean': return fc.boolean()
    // What JSON makes of it, so that -0 is 0.
    case 'data': return data.map(value => JSON.parse(JSON.stringify(value)) as unknown)
    case 'nullable': return fc.option(valueOf(node.of), { freq: 3 })
    case 'array': return fc.array(valueOf(node.item), { maxLength: 3 })
    case 'map': return fc.dictionary(nastyText, valueOf(node.value), { maxKeys: 3 }).map(value => Object.fromEntries(Object.entries(value)))
    case 'object': return objectOf(node)
    case 'choice': return fc.oneof(...node.options.map(option => (option.bare ? valueOf(option.node.fields[0]!.node) : objectOf(option.node))))
  }
}

function objectOf(node: WireNode & { kind: 'object' }): fc.Arbitrary<object> {
  const required = node.fields.filter(field => !field.optional).map(field => field.name)
  return fc.record(Object.fromEntries(node.fields.map(field => [field.name, valueOf(field.node)])), { requiredKeys: required, noNullPrototype: true })
}
