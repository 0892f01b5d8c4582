import type { ActivityRow } from './schema.js'

/** A piece of work on a host, of which nothing is set yet but whose it is. */
export function newActivity(kind: string, job: string, hostId: string, session: string | null, vmId: string | null): ActivityRow {
  return {
    job, kind, vm_id: vmId, host_id: hostId, target_host_id: null, session,
    resource1: null, resource2: null, remaining: null, rate: null, since: null, tail_ms: 0, due_at: null, ended_at: null, error: null,
  }
}

/** The kind of a boot that nobody asked for: power returned. Nobody will acknowledge its end, so none is kept. */
export const unaskedBoot = 'boot'
