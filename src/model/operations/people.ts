import type { OperationRow } from './row.js'

/** Operations on users and groups: all of them change the manager's records, and nothing else. */
export const peopleRows = {
  'user.create': { way: 'records', concerns: 'people', makes: 'user', past: 'created' },
  'user.update': { way: 'records', concerns: 'people', past: 'updated' },
  'user.delete': { way: 'records', concerns: 'people', confirm: 'always', past: 'deleted' },
  'user.password': { way: 'records', concerns: 'himself', past: 'given a new password' },
  'user.lock': { way: 'records', concerns: 'people', past: 'locked' },
  'user.unlock': { way: 'records', concerns: 'people', past: 'unlocked' },
  'user.grant': { way: 'records', concerns: 'people', past: 'granted pools' },
  'user.revoke': { way: 'records', concerns: 'people', past: 'deprived of pools' },
  'group.create': { way: 'records', concerns: 'people', makes: 'group', past: 'created' },
  'group.update': { way: 'records', concerns: 'people', past: 'updated' },
  'group.delete': { way: 'records', concerns: 'people', confirm: 'always', past: 'deleted' },
  'group.add': { way: 'records', concerns: 'people', past: 'joined' },
  'group.remove': { way: 'records', concerns: 'people', past: 'left' },
} as const satisfies Record<string, OperationRow>
