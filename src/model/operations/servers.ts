import { serverTransitions, type ServerOperation } from '../server-states.js'
import type { OperationRow } from './row.js'

const confirmed: readonly ServerOperation[] = ['stop', 'restart']

/** Operations on servers: those of their state table. */
export const serverRows = Object.fromEntries(Object.entries(serverTransitions).map(([verb, { past }]) => [`server.${verb}`, {
  way: 'power', concerns: 'pools', past, ...(confirmed.includes(verb as ServerOperation) ? { confirm: 'always' } : {}),
} satisfies OperationRow])) as Record<`server.${ServerOperation}`, OperationRow>
