import { escapeText } from './xml/texts.js'
import type { WireField, WireNode } from './codec/node.js'

/** Writes the XML Schema of wire nodes: what is alike is one type, named after the field that it was met in first. */
export class SchemaWriter {
  private readonly types = new Map<string, string>()
  private readonly names = new Map<string, string>()

  /** An element of a type, as it stands in a sequence or at the top. */
  element(name: string, node: WireNode, parent: string, optional = false): string {
    const inner = node.kind === 'nullable' ? node.of : node
    return `<xsd:element name="${name}" type="${this.typeOf(inner, pascal(name), parent)}"${node.kind === 'nullable' ? ' nillable="true"' : ''}${optional ? ' minOccurs="0"' : ''}/>`
  }

  /** A sequence of the fields of an object. */
  sequence(fields: readonly WireField[], parent: string): string {
    return `<xsd:sequence>${fields.map(({ name, node, optional }) => this.element(name, node, parent, optional)).join('')}</xsd:sequence>`
  }

  /** All types that were met. */
  written(): string {
    return [...this.types.values()].join('\n')
  }

  private typeOf(node: WireNode, field: string, parent: string): string {
    const wish = field === 'Item' ? parent : field === 'Result' ? `${parent}Result` : field
    const named = (kind: 'simpleType' | 'complexType', content: string, name = wish) => this.named(kind, content, [name, `${parent}${field}`])
    switch (node.kind) {
      case 'text': return node.values ? named('simpleType', `<xsd:restriction base="xsd:string">${node.values.map(value => `<xsd:enumeration value="${escapeText(value).replaceAll('"', '&quot;')}"/>`).join('')}</xsd:restriction>`) : 'xsd:string'
      case 'data': return 'xsd:string'
      case 'number': return node.whole ? 'xsd:integer' : 'xsd:double'
      case 'boolean': return 'xsd:boolean'
      case 'nullable': throw new Error('nothing is nullable twice')
      case 'array': return named('complexType', `<xsd:sequence>${this.element('item', node.item, singular(wish), true).replace('minOccurs="0"', 'minOccurs="0" maxOccurs="unbounded"')}</xsd:sequence>`, isText(node.item) ? 'Texts' : wish)
      case 'map': return named('complexType', `<xsd:sequence><xsd:element name="entry" minOccurs="0" maxOccurs="unbounded"><xsd:complexType><xsd:sequence><xsd:element name="key" type="xsd:string"/>${this.element('value', node.value, wish)}</xsd:sequence></xsd:complexType></xsd:element></xsd:sequence>`, isText(node.value) ? 'TextsByName' : `${wish}ByName`)
      case 'object': return named('complexType', this.sequence(node.fields, wish))
      case 'choice': return named('complexType', `<xsd:choice>${node.options.map(({ node: { fields } }) => (fields.length === 1 ? this.element(fields[0]!.name, fields[0]!.node, wish) : this.sequence(fields, wish))).join('')}</xsd:choice>`)
    }
  }

  /** The name of a type of that content: one that it has already, or the first of the wishes that is free. */
  private named(kind: 'simpleType' | 'complexType', content: string, wishes: readonly string[]): string {
    const known = this.names.get(content)
    if (known !== undefined) return `tns:${known}`
    let name = wishes.find(wish => !this.types.has(wish)) ?? ''
    for (let count = 2; name === ''; count++) if (!this.types.has(`${wishes[0]!}${count}`)) name = `${wishes[0]!}${count}`
    this.names.set(content, name)
    this.types.set(name, `<xsd:${kind} name="${name}">${content}</xsd:${kind}>`)
    return `tns:${name}`
  }
}

function isText(node: WireNode): boolean {
  return node.kind === 'text' && node.values === null
}

function pascal(name: string): string {
  return `${name[0]!.toUpperCase()}${name.slice(1)}`
}

function singular(name: string): string {
  return name.replace(/ies$/, 'y').replace(/s$/, '')
}
