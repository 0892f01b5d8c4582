import { portMethods, wireRequest, type WireMethod } from '../../contract/wire/port.js'
import { wireNode, type WireNode } from './node.js'

/** A method of the port as it crosses the wire. */
export interface MethodCodec { request: WireNode & { kind: 'object' }; answer: WireNode | null }

const made = new Map<WireMethod, MethodCodec>()

/** The codec of a method, made when it is asked for first. */
export function methodCodec(method: WireMethod): MethodCodec {
  let codec = made.get(method)
  if (!codec) {
    const { answer } = portMethods[method]
    codec = { request: wireNode(wireRequest(method)) as MethodCodec['request'], answer: answer && wireNode(answer) }
    made.set(method, codec)
  }
  return codec
}
