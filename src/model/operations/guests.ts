import { vmTransitions, type VmOperation } from '../vm-states.js'
import type { OperationRow, Way } from './row.js'

const ways: Partial<Record<VmOperation, Way>> = { 'reset-status': 'records', update: 'records', move: 'files', delete: 'files' }
const confirmed: Partial<Record<VmOperation, 'always' | 'many'>> = { stop: 'many', reboot: 'many', suspend: 'many', delete: 'always' }

/** Operations on guests: those of their state table, and what makes them. */
export const guestRows = {
  ...(Object.fromEntries(Object.entries(vmTransitions).map(([verb, { past }]) => [`vm.${verb}`, rowOf(verb as VmOperation, past)])) as Record<`vm.${Exclude<VmOperation, 'clone' | 'template'>}`, OperationRow>),
  'vm.create': { way: 'files', concerns: 'guests', makes: 'vm', past: 'created' },
  'vm.clone': { way: 'files', concerns: 'guests', makes: 'vm', past: 'cloned' },
  'vm.template': { way: 'files', concerns: 'guests', makes: 'template', past: 'saved as a template' },
} as const satisfies Record<string, OperationRow>

function rowOf(verb: VmOperation, past: string): OperationRow {
  const confirm = confirmed[verb]
  return { way: ways[verb] ?? 'guest', concerns: 'guests', past, ...(confirm ? { confirm } : {}) }
}
