import { serverTransition, serverOperations, type ServerOperation } from '../server-states.js'
import type { OperationRow } from './row.js'

type OfServer = Exclude<ServerOperation, `agent-${string}`>
type OfAgent = ServerOperation extends infer V ? (V extends `agent-${infer W}` ? W : never) : never

const words: Partial<Record<ServerOperation, string>> = { 'maintenance-on': 'server maintenance on', 'maintenance-off': 'server maintenance off' }
const confirmed: readonly ServerOperation[] = ['stop', 'restart']
const agentPrefix = 'agent-'

/** Operations on servers and on their agents: those of the state table, and what changes their records. */
export const serverRows = {
  ...(rowsOf(verb => !verb.startsWith(agentPrefix), verb => `server.${verb}`) as Record<`server.${OfServer}`, OperationRow>),
  ...(rowsOf(verb => verb.startsWith(agentPrefix), verb => `agent.${verb.slice(agentPrefix.length)}`) as Record<`agent.${OfAgent}`, OperationRow>),
  'server.update': { way: 'records', concerns: 'pools', past: 'updated' },
  'agent.configure': { way: 'records', concerns: 'pools', of: 'server', past: 'agent password changed' },
} as const satisfies Record<string, OperationRow>

function rowsOf(wanted: (verb: ServerOperation) => boolean, name: (verb: ServerOperation) => string): Record<string, OperationRow> {
  return Object.fromEntries(serverOperations.filter(wanted).map(verb => [name(verb), rowOf(verb)]))
}

function rowOf(verb: ServerOperation): OperationRow {
  const { past } = serverTransition(verb)
  return { way: 'power', concerns: 'pools', past, ...(verb.startsWith(agentPrefix) ? { of: 'server' } : {}), ...(words[verb] ? { words: words[verb] } : {}), ...(confirmed.includes(verb) ? { confirm: 'always' } : {}) }
}
