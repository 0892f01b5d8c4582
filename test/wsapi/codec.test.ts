import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { wireMethods, type WireMethod } from '../../src/contract/wire/port.js'
import { decode, decodeFields } from '../../src/wsapi/codec/decode.js'
import { encode, encodeFields } from '../../src/wsapi/codec/encode.js'
import { methodCodec } from '../../src/wsapi/codec/methods.js'
import { enveloped, farmSpace, open } from '../../src/wsapi/envelope.js'
import { farmSchema } from '../../src/wsapi/wsdl.js'
import { requestBounds } from '../../src/wsapi/xml/reader.js'
import { valueOf } from './values.js'

function requestOf(method: WireMethod, value: object): string {
  return enveloped(method, encodeFields(methodCodec(method).request.fields, value))
}

function readRequest(method: WireMethod, text: string): unknown {
  const opened = open(text, requestBounds)
  expect(opened.name).toBe(method)
  const { request } = methodCodec(method)
  const value = decodeFields({ reader: opened.reader, space: farmSpace, unknown: 'refuse' }, request.fields, request.byName, method)
  opened.close()
  return value
}

function answerOf(method: WireMethod, value: unknown): string {
  return enveloped(`${method}Response`, encode('result', methodCodec(method).answer!, value))
}

function readAnswer(method: WireMethod, text: string): unknown {
  const { reader, close } = open(text, requestBounds)
  expect(reader.enter()).toBe(true)
  const value = decode({ reader, space: farmSpace, unknown: 'refuse' }, methodCodec(method).answer!, method)
  reader.leave()
  close()
  return value
}

describe('whatever the schemas of the contract can hold comes out of XML as it went in', () => {
  it.each(wireMethods)('%s', method => {
    const { request, answer } = methodCodec(method)
    fc.assert(fc.property(valueOf(request), value => { expect(readRequest(method, requestOf(method, value as object))).toEqual(value) }), { numRuns: 150 })
    if (answer) fc.assert(fc.property(valueOf(answer), value => { expect(readAnswer(method, answerOf(method, value))).toEqual(value) }), { numRuns: 150 })
  })
})

describe('what is written is valid by the XML Schema of the WSDL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ovmcli-xsd-'))
  afterAll(() => { rmSync(folder, { recursive: true }) })
  // libxml2's validator, of another make; a machine without it cannot tell.
  it.skipIf(spawnSync('xmllint', ['--version']).error)('by xmllint', () => {
    const schema = join(folder, 'farm.xsd')
    writeFileSync(schema, farmSchema())
    const files = wireMethods.flatMap(method => {
      const { request, answer } = methodCodec(method)
      const bodies = [...fc.sample(valueOf(request), { numRuns: 40, seed: 7 }).map(value => requestOf(method, value as object)), ...(answer ? fc.sample(valueOf(answer), { numRuns: 40, seed: 7 }).map(value => answerOf(method, value)) : [])]
      // libxml2 reads whole numbers of 24 digits at most.
      return bodies.filter(text => !/>-?\d{25,}</.test(text)).map((text, at) => {
        const file = join(folder, `${method}${at}.xml`)
        const body = /<e:Body>([\s\S]*)<\/e:Body>/.exec(text)![1]!
        writeFileSync(file, body.replace(' xmlns=', ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns='))
        return file
      })
    })
    const { status, stderr } = spawnSync('xmllint', ['--noout', '--schema', schema, ...files], { encoding: 'utf8', maxBuffer: 1 << 26 })
    expect({ status, faults: stderr.split('\n').filter(line => !line.endsWith(' validates')).join('\n') }).toEqual({ status: 0, faults: '' })
  })
})
