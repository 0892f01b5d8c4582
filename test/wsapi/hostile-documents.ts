import fc from 'fast-check'
import { wireMethods, type WireMethod } from '../../src/contract/wire/port.js'
import { encode, encodeFields } from '../../src/wsapi/codec/encode.js'
import { methodCodec } from '../../src/wsapi/codec/methods.js'
import { enveloped, faultEnvelope } from '../../src/wsapi/envelope.js'
import { nastyText, valueOf } from './values.js'

const method = fc.constantFrom<WireMethod>(...wireMethods)
const request = method.chain(name => valueOf(methodCodec(name).request).map(value => enveloped(name, encodeFields(methodCodec(name).request.fields, value as object))))
const answer = method.chain(name => {
  const { answer: node } = methodCodec(name)
  return node ? valueOf(node).map(value => enveloped(`${name}Response`, encode('result', node, value))) : fc.constant(enveloped(`${name}Response`, ''))
})
const fault = nastyText.map(message => faultEnvelope('Client', { code: 'vm.state', message, hint: null, details: { message } }))
const document = fc.oneof({ weight: 4, arbitrary: request }, { weight: 2, arbitrary: answer }, { weight: 1, arbitrary: fault })

/** What is put somewhere into a document. */
const shards = fc.oneof(
  fc.constantFrom('<', '>', '&', '/>', '</', '<!--', '-->', '--', ']]>', '<![CDATA[', '<?x?>', '<!DOCTYPE a [<!ENTITY b "&b;&b;">]>', '&b;', '&#0;', '&#xD800;', '&#x110000;', '&#99999999;', '&amp', ' xsi:nil="true"', ' xsi:nil="1" xsi:nil="1"', ' xmlns=""', ' xmlns:xml="u"', ' a="<"', ' a=b', "='", '"', '\u0000', '\u000B', '\uFEFF', '\r', '\u0085', '<item>', '</item>', '<e:Body>', '</e:Body>', '<x:y/>', 'é', '<é/>'),
  fc.constantFrom('<a>', '<item><item>', '<!---->', '&amp;', ' ', '[', ' a=""', '<![CDATA[]]>').chain(one => fc.integer({ min: 1, max: 3_000 }).map(times => one.repeat(times))),
  nastyText,
)
/** One change of a document: something put in, taken out, said twice, or the rest left out. */
const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(60), kind: fc.constantFrom('in', 'out', 'twice', 'cut', 'over'), shard: shards })
/** Documents of requests and answers, changed here and there, or nothing of the kind at all. */
export const hostileDocument = fc.tuple(fc.oneof({ weight: 12, arbitrary: document }, { weight: 1, arbitrary: nastyText }), fc.array(change, { maxLength: 4 })).map(([text, changes]) => changes.reduce((now, { at, length, kind, shard }) => {
  const from = Math.floor(at * now.length)
  const [before, part, after] = [now.slice(0, from), now.slice(from, from + length), now.slice(from + length)]
  return { in: before + shard + part + after, out: before + after, twice: before + part + part + after, cut: before, over: before + shard + after }[kind]
}, text))
