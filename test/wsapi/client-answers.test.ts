import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { printError } from '../../src/cli/print-error.js'
import { withStreams, type Streams } from '../../src/cli/streams.js'
import { errorCodes, Refusal, type ErrorCode } from '../../src/model/errors.js'
import { farmSpace } from '../../src/wsapi/envelope.js'
import { refusalOf } from '../refusal.js'
import { answered, host, mocked, ours, page, refused, strayed, type Deed, type Said } from './mocked-manager.js'
import { nastyText } from './values.js'

const suggest = { principal: { user: 'admin' }, kind: 'vm' as const, prefix: '', limit: 5 }
const secrets = ['ovm_dGhlIHRva2VuIG9mIG5vYm9keQ', 'correct horse battery staple']
const basic = Buffer.from(`admin:${secrets[1]!}`).toString('base64')
/** What a call that changes nothing ends with; each secret of the client's may not be in it. */
const asked = async (deeds: readonly Deed[], authorization = `Bearer ${secrets[0]!}`) => {
  const { client } = mocked(deeds, { authorization: async () => authorization })
  const refusal = await refusalOf(client.suggest(suggest))
  for (const secret of [...secrets, basic]) expect(JSON.stringify(refusal.fault)).not.toContain(secret)
  return refusal
}
const said = (text: string) => expect.stringContaining(text) as unknown

describe('a status of HTTP has its error, its exit code, and what to do about it', () => {
  it.each<[number, Record<string, string>, ErrorCode, number, string]>([
    [200, {}, 'manager.answer', 8, 'host and port'],
    [204, {}, 'manager.answer', 8, 'host and port'],
    [301, { location: 'https://elsewhere.example/' }, 'manager.http', 8, 'the manager itself'],
    [302, { location: '/login' }, 'manager.http', 8, 'the manager itself'],
    [307, { location: 'https://elsewhere.example/' }, 'manager.http', 8, 'the manager itself'],
    [308, { location: 'http://manager.example:4443/OVSWS/FarmServiceSoapHttpPort' }, 'manager.http', 8, 'the manager itself'],
    [400, {}, 'manager.http', 8, 'host and port'],
    [401, { 'www-authenticate': 'Basic realm="x"' }, 'auth.denied', 4, 'profile add'],
    [403, {}, 'auth.denied', 4, 'profile add'],
    [404, {}, 'manager.http', 8, 'host and port'],
    [405, { allow: 'GET' }, 'manager.http', 8, 'host and port'],
    [407, { 'proxy-authenticate': 'Basic' }, 'manager.http', 8, 'proxy'],
    [408, {}, 'manager.http', 8, 'try again in a while'],
    [413, {}, 'manager.request-size', 2, 'several requests'],
    [415, {}, 'manager.http', 8, 'host and port'],
    [429, {}, 'manager.http', 8, 'try again in a while'],
    [429, { 'retry-after': '30' }, 'manager.http', 8, 'try again in 30 s'],
    [500, {}, 'manager.http', 8, 'try again in a while'],
    [503, { 'retry-after': '120' }, 'manager.http', 8, 'try again in 120 s'],
    [503, { 'retry-after': 'Wed, 21 Oct 2037 07:28:00 GMT' }, 'manager.http', 8, 'try again in a while'],
    [503, { 'retry-after': '-1e9' }, 'manager.http', 8, 'try again in a while'],
    [505, {}, 'manager.http', 8, 'try again in a while'],
  ])('%i %j', async (status, headers, code, exit, hint) => {
    const refusal = await asked([page(status, headers)])
    expect(refusal).toMatchObject({ code, exit, hint: said(hint), message: said(host) })
    if (status >= 300) expect(refusal.message).toContain(`HTTP ${status}`)
  })

  it.each([502, 503, 504])('%i, when it lasts', async status => {
    expect(await asked([page(status), page(status), page(status)])).toMatchObject({ code: 'manager.http', exit: 8, hint: 'try again in a while', message: said(`HTTP ${status}`) })
  })

  it('an error of HTTP is one also where its page happens to be XML', async () => {
    for (const body of ['<Error><Code>AccessDenied</Code></Error>', '', '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><hello xmlns="urn:other"/></e:Body></e:Envelope>']) {
      expect(await asked([{ status: 500, headers: { 'content-type': 'application/xml' }, body }])).toMatchObject({ code: 'manager.http' })
      expect(await asked([{ status: 500, headers: { 'content-type': 'text/xml' }, body }])).toMatchObject({ code: 'manager.http' })
      expect(await asked([{ status: 403, headers: { 'content-type': 'text/xml' }, body }])).toMatchObject({ code: 'auth.denied' })
    }
  })
})

it.each([301, 302, 303, 307, 308])('a redirection (%i) is followed nowhere, neither to another host nor to another path, with the login or without', async status => {
  const elsewhere = [nock('https://elsewhere.example').post(() => true), nock('https://elsewhere.example').get(() => true), nock(`https://${host}`).get(() => true)].map(request => request.reply(200, String(answered('suggest', ['vm1']).body), ours))
  for (const location of ['https://elsewhere.example/OVSWS/FarmServiceSoapHttpPort', `https://${host}/elsewhere`, '//elsewhere.example/']) await asked([page(status, { location })])
  expect(elsewhere.map(scope => scope.isDone())).toEqual([false, false, false])
  nock.cleanAll()
})

describe('a connection that is not there has its error by the code of Node, and what to do about it', () => {
  it.each<[string, ErrorCode, string, string]>([
    ['ECONNREFUSED', 'manager.unreachable', 'nobody listens', 'manager status'],
    ['ENOTFOUND', 'manager.unreachable', 'no host manager.example', 'named right'],
    ['EAI_AGAIN', 'manager.unreachable', 'manager.example cannot be looked up', 'address'],
    ['EHOSTUNREACH', 'manager.unreachable', 'no way leads', 'firewall'],
    ['ENETUNREACH', 'manager.unreachable', 'no way leads', 'firewall'],
    ['ETIMEDOUT', 'manager.unreachable', 'does not answer', 'firewall'],
    ['ECONNRESET', 'manager.unreachable', 'was lost (ECONNRESET)', 'the way to it'],
    ['EPIPE', 'manager.unreachable', 'was lost (EPIPE)', 'the way to it'],
    ['EPROTO', 'manager.plain', 'does not speak TLS', 'host and port'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'manager.plain', 'does not speak TLS', 'host and port'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'manager.plain', 'does not speak TLS', 'host and port'],
    ['HPE_INVALID_CONSTANT', 'manager.answer', 'does not speak HTTP', 'host and port'],
    ['CERT_HAS_EXPIRED', 'manager.certificate', 'has expired', 'manager init'],
    ['CERT_NOT_YET_VALID', 'manager.certificate', 'not valid yet', 'clocks'],
    ...['CERT_REVOKED', 'CERT_CHAIN_TOO_LONG', 'CERT_UNTRUSTED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_CRL', 'CRL_HAS_EXPIRED', 'ERROR_IN_CERT_NOT_AFTER_FIELD', 'HOSTNAME_MISMATCH', 'INVALID_CA', 'INVALID_PURPOSE', 'PATH_LENGTH_EXCEEDED', 'ERR_TLS_CERT_ALTNAME_INVALID']
      .map((error): [string, ErrorCode, string, string] => [error, 'manager.certificate', `not trusted (${error})`, '--ca']),
  ])('%s', async (error, code, message, hint) => {
    const lasting = code === 'manager.certificate' || code === 'manager.plain'
    expect(await asked(Array.from({ length: lasting ? 1 : 3 }, () => ({ error })))).toMatchObject({ code, exit: 8, message: said(message), hint: said(hint) })
  })
})

describe('a fault', () => {
  it.each(Object.keys(errorCodes) as ErrorCode[])('of a code of the contract is the error that the manager had: %s', async code => {
    const fault = { code, message: 'what happened <&> to "vm 1"', hint: 'what to do', details: { candidates: ['a', { b: [1, null] }] } }
    expect((await asked([refused(fault)])).fault).toEqual(fault)
  })

  it('without hint and details has none', async () => {
    expect((await asked([refused({ code: 'not-found.vm', message: '' })])).fault).toEqual({ code: 'not-found.vm', message: '', hint: null, details: null })
  })

  it.each(['vm.levitates', 'toString', '__proto__', '', 'VM LEVITATES', '\u001b[2J', 'x'.repeat(10_000)])('of a code that is none of ours is of a newer manager: %j', async code => {
    const refusal = await asked([refused({ code })])
    expect(refusal).toMatchObject({ code: 'manager.version', exit: 8, hint: said('version of the manager') })
    expect(refusal.message.length).toBeLessThan(300)
    expect(refusal.message.includes('vm.levitates')).toBe(code === 'vm.levitates')
  })

  it('is read whatever else a newer manager says beside it', async () => {
    const { body } = refused({ code: 'not-found.vm', message: 'no' })
    const more = String(body).replace('<faultcode>', '<e:news/><faultcode>').replace('<detail>', '<detail><other xmlns="urn:x"><deep/></other>').replace('</message>', '</message><severity>high</severity>')
    expect(await asked([{ status: 500, headers: ours, body: more }])).toMatchObject({ code: 'not-found.vm', message: 'no' })
  })

  it('whose detail is not of the contract is no error of ours', async () => {
    const { body } = refused({ code: 'not-found.vm', message: 'no' })
    for (const [from, to] of [['<message>no</message>', ''], ['<message>no</message>', '<message>no</message><message>yes</message>'], ['<message>no', '<message><b/>no'], ['>null</details>', '>{"a":</details>'], ['>null</details>', `>${'['.repeat(70)}${']'.repeat(70)}</details>`]]) {
      expect(String(body)).toContain(from)
      expect(await asked([{ status: 500, headers: ours, body: String(body).replace(from!, to!) }])).toMatchObject({ name: 'Refusal', code: expect.stringMatching(/^manager\.(?:answer|http)$/) as unknown })
    }
  })

  it('steers no terminal, whatever its text, in any format', async () => {
    await fc.assert(fc.asyncProperty(nastyText, fc.constantFrom('', '\u001b]0;title\u0007', '\u001b[2J\u001b[H', '\r\n\u009b31m', '\u202egnp.exe'), fc.constantFrom('table', 'json', 'yaml'), async (text, escape, format) => {
      const refusal = await asked([refused({ code: 'vm.state', message: `${text}${escape}`, hint: escape, details: { [escape]: escape } })])
      expect(refusal.message).toBe(`${text}${escape}`)
      let written = ''
      const streams: Streams = { out: async more => { written += more }, err: more => { written += more }, outIsTerminal: true, errIsTerminal: true, inIsTerminal: false, inIsFree: true }
      expect(await withStreams(streams, () => printError(refusal, format))).toBe(5)
      expect(written).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    }), { numRuns: 150 })
  })
})

describe('what shows who asks is said again by nobody here', () => {
  it.each([[`Bearer ${secrets[0]!}`, secrets[0]!], [`Basic ${basic}`, basic], [`Basic ${basic}`, secrets[1]!]])('by %s', async (authorization, secret) => {
    const echo = `you sent ${secret} ${secret}`
    const told = await asked([refused({ code: 'auth.denied', message: echo, hint: echo, details: { deep: [{ header: echo, [secret]: 1 }] } }, 401)], authorization)
    expect(told.fault).toEqual({ code: 'auth.denied', message: 'you sent … …', hint: 'you sent … …', details: { deep: [{ header: 'you sent … …', '…': 1 }] } })
    await asked([refused({ code: secret })], authorization)
    await asked([{ headers: { ...ours, 'ovmcli-contract': secret } }], authorization)
    await asked([{ headers: { ...ours, 'content-type': secret } }], authorization)
    await asked([{ headers: ours, body: `<${secret.replace(/\W/g, '')}/>` }], authorization)
    await asked([page(302, { location: `https://elsewhere.example/?${encodeURIComponent(secret)}` })], authorization)
    await asked([{ headers: ours, body: String(answered('suggest', []).body).replace('<result></result>', `<result>${secret}</result>`) }], authorization)
    await asked([{ headers: ours, body: `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><suggestResponse xmlns="urn:ovmcli:farm:${secret}"/></e:Body></e:Envelope>` }], authorization)
  })

  it('but a password of a few letters does not take words apart', async () => {
    expect(await asked([refused({ code: 'vm.state', message: 'the guest is on' })], `Basic ${Buffer.from('admin:on').toString('base64')}`)).toMatchObject({ message: 'the guest is on' })
  })
})

describe('an answer', () => {
  const right = String(answered('suggest', ['vm1', 'vm2']).body)
  const got = (deed: Said) => mocked([deed]).client.suggest(suggest)

  it.each<[string, Said]>([
    ['without the version of the contract', { headers: { 'content-type': 'text/xml' }, body: right }],
    ['with the type in capitals and parameters', { headers: { ...ours, 'content-type': 'TEXT/XML ; charset="utf-8"; action=x' }, body: right }],
    ['with a mark of byte order', { headers: ours, body: `\uFEFF${right}` }],
    ['with headers of SOAP that it may be read without', { headers: ours, body: right.replace('<e:Body>', '<e:Header><t xmlns="urn:x"><deep/></t></e:Header><e:Body>') }],
    ['with other prefixes', { headers: ours, body: right.replaceAll('e:', 'soap:').replace('xmlns:e', 'xmlns:soap').replace('<suggestResponse xmlns=', '<f:suggestResponse xmlns:f=').replace('</suggest', '</f:suggest').replaceAll(/<(\/?)(result|item)>/g, '<$1f:$2>') }],
    ['with cookies and what else proxies add', { headers: { ...ours, 'set-cookie': 'a=b', via: '1.1 proxy', 'x-anything': 'x'.repeat(4_000) }, body: right }],
  ])('is read %s', async (_, deed) => {
    expect(await got(deed)).toEqual(['vm1', 'vm2'])
  })

  it.each<[string, Said, ErrorCode]>([
    ['empty', { headers: ours, body: '' }, 'manager.answer'],
    ['no XML', { headers: { 'content-type': 'application/json', 'ovmcli-contract': '1' }, body: '{}' }, 'manager.answer'],
    ['SOAP 1.2', { headers: ours, body: right.replace('http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope') }, 'manager.answer'],
    ['of no namespace', { headers: ours, body: right.replace(farmSpace, '') }, 'manager.answer'],
    ['of another service', { headers: ours, body: right.replace(farmSpace, 'http://oracle.ovs.api/') }, 'manager.answer'],
    ['of a later contract by its namespace', { headers: { 'content-type': 'text/xml' }, body: right.replace(farmSpace, 'urn:ovmcli:farm:12') }, 'manager.version'],
    ['of an older contract by its header', { headers: { ...ours, 'ovmcli-contract': '0' }, body: right }, 'manager.version'],
    ['of a contract with a name', { headers: { ...ours, 'ovmcli-contract': 'beta' }, body: right }, 'manager.version'],
    ['of a contract without one', { headers: { ...ours, 'ovmcli-contract': '' }, body: right }, 'manager.version'],
    ['to another call', { headers: ours, body: right.replaceAll('suggestResponse', 'farmStatusResponse') }, 'manager.answer'],
    ['that is the call again', { headers: ours, body: right.replaceAll('suggestResponse', 'suggest') }, 'manager.answer'],
    ['with two results', { headers: ours, body: right.replace('</e:Body>', '<x/></e:Body>') }, 'manager.answer'],
    ['with a header of SOAP that must be understood', { headers: ours, body: right.replace('<e:Body>', '<e:Header><t xmlns="urn:x" e:mustUnderstand="1"/></e:Header><e:Body>') }, 'manager.answer'],
    ['gzip that is none', { headers: { ...ours, 'content-encoding': 'gzip' }, body: right }, 'manager.answer'],
    ['gzip that ends in the middle', { headers: { ...ours, 'content-encoding': 'gzip' }, body: gzipSync(right).subarray(0, -12) }, 'manager.answer'],
    ['gzip with something after it', { headers: { ...ours, 'content-encoding': 'gzip' }, body: Buffer.concat([gzipSync(right), Buffer.from('more')]) }, 'manager.answer'],
    ['packed twice', { headers: { ...ours, 'content-encoding': 'gzip, gzip' }, body: gzipSync(gzipSync(right)) }, 'manager.answer'],
    ['longer than is read, as it says', { headers: { ...ours, 'content-length': '999999999999' }, body: right }, 'manager.answer-size'],
    ['a success with a status of failure', { status: 404, headers: ours, body: right }, 'manager.http'],
  ])('is none of ours: %s', async (_, deed, code) => {
    expect(await asked([deed])).toMatchObject({ code, exit: 8, message: said(host) })
  })

  it('that is cut off packed or plain is asked for again', async () => {
    const packed = gzipSync(right)
    const headers = { ...ours, 'content-encoding': 'gzip' }
    expect(await mocked([{ cut: packed.subarray(0, 20), headers }, { cut: right.slice(0, 100) }, { headers, body: packed }]).client.suggest(suggest)).toEqual(['vm1', 'vm2'])
    expect(await asked([{ cut: packed.subarray(0, 20), headers }, { cut: '' }, { cut: packed, headers: { ...headers, 'content-length': String(packed.length + 1) } }])).toMatchObject({ code: 'manager.answer', message: said('cut off') })
  })

  it('of whatever kind ends in what was asked for or in a refusal with a code of the contract, and never in a defect', async () => {
    const piece = fc.constantFrom('<', '>', '</', '/>', '<e:Body>', '<e:Fault>', '<detail>', '<fault xmlns="urn:ovmcli:farm:1">', '<code>', '&#27;', '&x;', ']]>', '<![CDATA[', '<!DOCTYPE', ' xsi:nil="true"', secrets[0]!)
    const body = fc.oneof(
      nastyText,
      fc.tuple(fc.constantFrom(right, String(refused({ code: 'vm.state', message: 'm', details: { a: [1] } }).body)), fc.nat(600), fc.nat(30), fc.oneof(piece, nastyText)).map(([text, at, length, put]) => text.slice(0, at) + put + text.slice(at + length)),
      fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
      fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.concat([gzipSync(right).subarray(0, 30), bytes])),
    )
    const headers = fc.record({
      'content-type': fc.constantFrom('text/xml', 'text/xml; charset=utf-8', 'text/xmlx', 'application/soap+xml', secrets[0]!),
      'ovmcli-contract': fc.constantFrom('1', '2', '01', secrets[0]!), 'content-encoding': fc.constantFrom('gzip', 'identity', 'br'), 'retry-after': fc.constantFrom('1', '99999999999', '-1', 'x'),
    }, { requiredKeys: [] })
    const status = fc.oneof(fc.constant(200), fc.integer({ min: 200, max: 599 }).filter(status => ![202, 204, 205, 304].includes(status)))
    await fc.assert(fc.asyncProperty(status, headers, body, async (status, headers, body) => {
      nock.cleanAll()
      const deed: Said = { status, headers, body }
      const { client } = mocked([deed, deed, deed], { authorization: async () => `Bearer ${secrets[0]!}`, pausesMs: [0, 0] })
      const ended: unknown = await client.suggest(suggest).catch((error: unknown) => error)
      if (Array.isArray(ended)) expect(ended.every(one => typeof one === 'string')).toBe(true)
      else {
        expect(ended).toBeInstanceOf(Refusal)
        expect(Object.hasOwn(errorCodes, (ended as Refusal).code)).toBe(true)
        expect(JSON.stringify((ended as Refusal).fault)).not.toContain(secrets[0])
      }
    }), { numRuns: 1_000 })
    nock.cleanAll()
  })
})

it('nothing goes out that nock was not told of', async () => {
  const { client } = mocked([], { pausesMs: [] })
  await expect(client.suggest(suggest)).rejects.toMatchObject({ code: 'manager.unreachable', message: said('ENETUNREACH') })
  expect(strayed()).toHaveLength(1)
})
