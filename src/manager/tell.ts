import type { AgentReply } from '../agent/protocol.js'
import { Refusal } from '../model/errors.js'
import type { PowerPort, WorkTicket } from '../host/ports.js'
import type { Asked, LaunchStep } from './launch.js'
import type { Parts } from './parts.js'
import { dispatchAll } from './pool-channel.js'

/** A step that asks somebody to begin. */
export type Begun = Extract<LaunchStep, { kind: 'begin' }>

/** Tells agents and power ports to begin; what each answered. `session` is told when the work ends; null: nobody waits for it. */
export async function tell(parts: Parts, begun: readonly Begun[], session: string | null): Promise<AgentReply[]> {
  const ofMasters = begun.flatMap(({ item, asked }) => (asked.by === 'master' ? [{ poolId: item.poolId, request: { ...asked.request, session } }] : []))
  const ofPorts = begun.filter(({ asked }) => asked.by === 'power')
  const [replies, powered] = await Promise.all([dispatchAll(parts, ofMasters), Promise.all(ofPorts.map(step => askPort(parts, step, session)))])
  return [...replies, ...powered]
}

const begin: Record<Extract<Asked, { by: 'power' }>['way'], (port: PowerPort, ticket: WorkTicket) => Promise<void>> = {
  on: (port, ticket) => port.on(ticket), cycle: (port, ticket) => port.cycle(ticket),
  'agent-start': (port, ticket) => port.startAgent(ticket), 'agent-stop': (port, ticket) => port.stopAgent(ticket), 'agent-restart': (port, ticket) => port.restartAgent(ticket),
}

async function askPort(parts: Parts, { item, asked, serverId }: Begun, session: string | null): Promise<AgentReply> {
  const port = parts.masters.power(serverId)
  const ticket = { job: item.job, session }
  try {
    await begin[(asked as Extract<typeof asked, { by: 'power' }>).way](port, ticket)
    return { job: item.job, answer: 'begun', error: null }
  } catch (error) {
    if (error instanceof Refusal) return { job: item.job, answer: 'refused', error: error.fault }
    throw error
  }
}
