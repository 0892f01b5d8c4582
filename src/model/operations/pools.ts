import type { OperationRow } from './row.js'

/**
 * Operations on server pools and on which servers are in them. A pool that is not there yet cannot have been granted to anybody:
 * which pools the farm has is a matter of whoever manages the farm.
 */
export const poolRows = {
  'pool.create': { way: 'records', concerns: 'farm', makes: 'pool', past: 'created' },
  'pool.update': { way: 'records', concerns: 'pools', past: 'updated' },
  'pool.delete': { way: 'records', concerns: 'farm', confirm: 'always', past: 'deleted' },
  'pool.add-server': { way: 'records', concerns: 'pools', makes: 'server', past: 'added' },
  'pool.remove-server': { way: 'records', concerns: 'pools', targets: 'server', confirm: 'always', past: 'removed' },
  'pool.master': { way: 'records', concerns: 'pools', past: 'given a master' },
  'pool.refresh': { way: 'records', concerns: 'pools', past: 'refreshed' },
  'pool.restore': { way: 'records', concerns: 'pools', past: 'restored' },
  'server.remove': { way: 'records', concerns: 'pools', confirm: 'always', past: 'removed' },
} as const satisfies Record<string, OperationRow>
