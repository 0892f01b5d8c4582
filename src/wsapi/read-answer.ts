import { contractVersion } from '../contract/manager.js'
import type { WireMethod } from '../contract/wire/port.js'
import { Refusal } from '../model/errors.js'
import { httpRefusal, notOurs, otherVersion, unknownCode } from './answer-refusal.js'
import { decode, SchemaFault } from './codec/decode.js'
import { methodCodec } from './codec/methods.js'
import { EnvelopeFault, farmSpace, farmSpaceStem, open, readFault, soapSpace, type FaultRead } from './envelope.js'
import { LostExchange, type Received } from './exchange.js'
import { answerBounds, XmlFault } from './xml/reader.js'

/** Statuses of a proxy that did not get through to the manager, or to the end of its answer. */
const passing: readonly number[] = [502, 503, 504]

/** What was answered to a call. @throws Refusal where the manager refuses; LostExchange where something else was answered than what was asked */
export function readAnswer(url: URL, method: WireMethod, received: Received): unknown {
  const { status, headers, body } = received
  const speaks = headers['ovmcli-contract']
  if (speaks !== undefined && !isOurs(received)) throw new LostExchange(otherVersion(url, String(speaks)), false, false)
  if (!/^\s*text\/xml\s*(;|$)/i.test(headers['content-type'] ?? '')) throw notSoap(url, received, 'it does not answer in XML')
  try {
    const opened = open(body, answerBounds)
    const { reader, name, space } = opened
    if (name === 'Fault' && space === soapSpace) {
      const read = readFault(opened)
      opened.close()
      throw read ? refusedBy(url, read, status) : notSoap(url, received, 'it refuses as some other service')
    }
    if (space !== farmSpace && space.startsWith(farmSpaceStem)) throw new LostExchange(otherVersion(url, space.slice(farmSpaceStem.length)), false, false)
    if (status !== 200 || space !== farmSpace || name !== `${method}Response`) throw notSoap(url, received, 'it answers something else than it was asked')
    const { answer } = methodCodec(method)
    let result: unknown
    if (answer !== null) {
      // A newer manager may say more, before it and after.
      for (;;) {
        if (!reader.enter()) throw new SchemaFault(method, 'the result is missing')
        if (reader.is('result', farmSpace)) break
        reader.skip()
      }
      result = decode({ reader, space: farmSpace, unknown: 'skip' }, answer, method)
    }
    while (reader.enter()) reader.skip()
    reader.leave()
    opened.close()
    return result
  } catch (error) {
    if (error instanceof XmlFault || error instanceof EnvelopeFault) throw notSoap(url, received, error.message)
    if (error instanceof SchemaFault) throw new LostExchange(new Refusal('manager.answer', `the answer of the manager at ${url.host} does not have the shape of the contract: ${error.message}`, 'see whether the manager is newer than this ovmcli'), true, false)
    throw error
  }
}

/** Whether an answer says that it is of a manager of this version of the contract. */
export function isOurs({ headers }: Received): boolean {
  return headers['ovmcli-contract'] === String(contractVersion)
}

/** What the manager refuses. With another status than that of a fault it says that it did not look at the call: of an earlier attempt that says nothing. */
function refusedBy(url: URL, { known, fault }: FaultRead, status: number): Refusal | LostExchange {
  const refusal = known ? Refusal.from(fault) : unknownCode(url, fault.code, status)
  return status === 200 || status === 500 ? refusal : new LostExchange(refusal, false, false)
}

/** What is no SOAP of ours: an error of HTTP, before which a proxy may have handed the request on, or, with a status that is none, something else altogether. */
function notSoap(url: URL, received: Received, why: string): LostExchange {
  const { status, headers } = received
  if (status < 300) return new LostExchange(notOurs(url, why), isOurs(received), false)
  // Who says when to come again is not asked before.
  return new LostExchange(httpRefusal(url, received), status >= 500, passing.includes(status) && headers['retry-after'] === undefined)
}
