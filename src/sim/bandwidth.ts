import { capacityOf } from './physics.js'
import type { ActivityRow } from './schema.js'

export const bytesPerMiB = 1_048_576

/** Bytes of a flow that are still to go at a moment. Pure. */
export function remainingAt(flow: ActivityRow, nowMs: number): number {
  const sent = ((flow.rate ?? 0) * Math.max(0, nowMs - (flow.since ?? nowMs))) / 1_000
  return Math.max(0, (flow.remaining ?? 0) - sent)
}

/**
 * Shares bandwidth anew among flows at a moment: a flow gets the smallest equal share of the resources it crosses.
 * Flows whose bytes are through (only their tail is left) share nothing. Changes the rows it is given and returns those whose end moved. Pure.
 */
export function shareBandwidth(active: readonly ActivityRow[], nowMs: number): ActivityRow[] {
  const flows = active.filter(flow => flow.rate === null || flow.since! + (flow.remaining! / flow.rate) * 1_000 > nowMs)
  const users = new Map<string, number>()
  for (const flow of flows) for (const resource of resourcesOf(flow)) users.set(resource, (users.get(resource) ?? 0) + 1)
  const moved: ActivityRow[] = []
  for (const flow of flows) {
    const rate = Math.min(...resourcesOf(flow).map(resource => capacityOf(resource) / users.get(resource)!))
    if (rate === flow.rate) continue
    flow.remaining = remainingAt(flow, nowMs)
    flow.rate = rate
    flow.since = nowMs
    flow.due_at = nowMs + Math.ceil((flow.remaining / rate) * 1_000) + flow.tail_ms
    moved.push(flow)
  }
  return moved
}

function resourcesOf(flow: ActivityRow): string[] {
  return [flow.resource1, flow.resource2].filter(resource => resource !== null)
}
