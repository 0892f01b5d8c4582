import { encodeFields } from '../../src/wsapi/codec/encode.js'
import { methodCodec } from '../../src/wsapi/codec/methods.js'
import { enveloped } from '../../src/wsapi/envelope.js'
import { requestOf } from './played-manager.js'

/** An envelope as another client might write it. */
export const envelope = (body: string): string => `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${body}</e:Body></e:Envelope>`
/** The smallest call there is. */
export const whoAmI = envelope('<whoAmI xmlns="urn:ovmcli:farm:1"/>')

const startRun = enveloped('startRun', encodeFields(methodCodec('startRun').request.fields, requestOf('startRun')))

/** Requests that are wrong, and how each is answered: what is the matter, its body, its headers, the status, and the code in the answer. */
export const hostileRequests: readonly (readonly [string, string, Record<string, string | null>, number, string | null])[] = [
  ['a document type', `<!DOCTYPE a [<!ENTITY b "c">]>${whoAmI}`, {}, 500, 'usage.request'],
  ['an entity of its own', whoAmI.replace('/></e:Body>', '>&b;</whoAmI></e:Body>'), {}, 500, 'usage.request'],
  ['a processing instruction', `<?php evil?>${whoAmI}`, {}, 500, 'usage.request'],
  ['elements without end', envelope('<a>'.repeat(500_000)), {}, 500, 'usage.request'],
  ['elements without number', envelope(`<check xmlns="urn:ovmcli:farm:1"><kind>vm</kind><names>${'<item/>'.repeat(1_100_000)}</names></check>`), {}, 500, 'usage.request'],
  ['attributes without number', envelope(`<whoAmI xmlns="urn:ovmcli:farm:1" ${Array.from({ length: 200_000 }, (_, at) => `a${at}=""`).join(' ')}/>`), {}, 500, 'usage.request'],
  ['a call that there is not', envelope('<fire xmlns="urn:ovmcli:farm:1"/>'), {}, 500, 'usage.request'],
  ['a field that there is not', envelope('<whoAmI xmlns="urn:ovmcli:farm:1"><x/></whoAmI>'), {}, 500, 'usage.request'],
  ['a field of another type', envelope('<whoAmI xmlns="urn:ovmcli:farm:1"><follows>maybe</follows></whoAmI>'), {}, 500, 'usage.request'],
  ['a field twice', envelope('<whoAmI xmlns="urn:ovmcli:farm:1"><follows>1</follows><follows>1</follows></whoAmI>'), {}, 500, 'usage.request'],
  ['a value that the contract does not take', envelope('<suggest xmlns="urn:ovmcli:farm:1"><kind>vm</kind><prefix>v</prefix><limit>0</limit></suggest>'), {}, 500, 'usage.request'],
  ['a number that no database holds', envelope('<suggest xmlns="urn:ovmcli:farm:1"><kind>vm</kind><prefix>v</prefix><limit>1000000000000000000000</limit></suggest>'), {}, 500, 'usage.request'],
  ['deep plain data', startRun.replace(/<details>[^<]*/, `<details>${'['.repeat(70)}${']'.repeat(70)}`), {}, 500, 'usage.request'],
  ['another version of the contract', envelope('<whoAmI xmlns="urn:ovmcli:farm:2"/>'), {}, 500, 'manager.version'],
  ['another version in the header', whoAmI, { 'ovmcli-contract': '7' }, 500, 'manager.version'],
  ['SOAP 1.2', whoAmI.replace('http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'), {}, 500, 'usage.request'],
  ['a header that must be understood', whoAmI.replace('<e:Body>', '<e:Header><x xmlns="y" e:mustUnderstand="1"/></e:Header><e:Body>'), {}, 500, 'usage.request'],
  ['a header that need not be', whoAmI.replace('<e:Body>', '<e:Header><x xmlns="y"><z/></x></e:Header><e:Body>'), {}, 200, null],
  ['two calls', envelope('<whoAmI xmlns="urn:ovmcli:farm:1"/><whoAmI xmlns="urn:ovmcli:farm:1"/>'), {}, 500, 'usage.request'],
  ['namespaces without number', envelope('<x '.concat(Array.from({ length: 30 }, (_, at) => `xmlns:a${at}="u"`).join(' '), '>').repeat(3)), {}, 500, 'usage.request'],
  ['nothing', '', {}, 500, 'usage.request'],
  ['JSON', '{"a":1}', {}, 500, 'usage.request'],
  ['another content type', whoAmI, { 'content-type': 'application/json' }, 415, null],
  ['another encoding', whoAmI, { 'content-type': 'text/xml; charset=utf-16' }, 415, null],
  ['what is no gzip', whoAmI, { 'content-encoding': 'gzip' }, 415, 'usage.request'],
  ['packed in another way', whoAmI, { 'content-encoding': 'br' }, 415, 'usage.request'],
  ['a malformed key', whoAmI, { 'ovmcli-call': 'x y' }, 500, 'usage.request'],
]
