import type { ServerState } from './object-states.js'

/** What one operation on a server may start from, passes through and ends in. */
export interface ServerTransition {
  readonly from: readonly ServerState[]
  /** while it is under way: a state in which the server takes no guests */
  readonly via: ServerState
  readonly to: ServerState
  /** states in which there is nothing to do */
  readonly already: readonly ServerState[]
  /** guests that run there: `asked`, they stand in the way unless somebody says what becomes of them; `always`, they are moved away; `never`, they stay */
  readonly empties: 'asked' | 'always' | 'never'
  /** past tense for events: "server ovs1 started", "agent of server ovs1 started" */
  readonly past: string
}

/** The state table of servers, and of their agents (cli.md, "States"; model.md, rules 6 and 10). */
export const serverTransitions = {
  start: { from: ['off', 'dead', 'unreachable'], via: 'starting', to: 'active', already: ['active', 'maintenance'], empties: 'never', past: 'started' },
  stop: { from: ['active', 'maintenance'], via: 'maintenance', to: 'off', already: ['off'], empties: 'asked', past: 'stopped' },
  restart: { from: ['active', 'maintenance'], via: 'starting', to: 'active', already: [], empties: 'asked', past: 'restarted' },
  // A server that is not up has nothing to move away: it is marked, and comes back so.
  'maintenance-on': { from: ['active', 'off', 'dead'], via: 'maintenance', to: 'maintenance', already: ['maintenance'], empties: 'always', past: 'put into maintenance' },
  'maintenance-off': { from: ['maintenance', 'starting', 'unreachable', 'off', 'dead'], via: 'maintenance', to: 'active', already: ['active'], empties: 'never', past: 'taken out of maintenance' },
  // An agent that does not answer is reached by the server's management port (docs/decisions/0022).
  'agent-start': { from: ['unreachable'], via: 'starting', to: 'active', already: ['active', 'maintenance'], empties: 'never', past: 'started' },
  'agent-stop': { from: ['active', 'maintenance', 'unreachable'], via: 'starting', to: 'unreachable', already: [], empties: 'never', past: 'stopped' },
  'agent-restart': { from: ['active', 'maintenance', 'unreachable'], via: 'starting', to: 'active', already: [], empties: 'never', past: 'restarted' },
} as const satisfies Record<string, ServerTransition>

/** An operation on a server. */
export type ServerOperation = keyof typeof serverTransitions

/** The operations on servers, in the order of the table. */
export const serverOperations = Object.keys(serverTransitions) as ServerOperation[]

/** The row of an operation. */
export function serverTransition(operation: ServerOperation): ServerTransition {
  return serverTransitions[operation]
}

/** The state of a server that nothing is under way for, from what its power port says and whether it is in maintenance. */
export function serverStateOf(power: 'on' | 'starting' | 'off', maintained: boolean): ServerState {
  if (power !== 'on') return power
  return maintained ? 'maintenance' : 'active'
}
