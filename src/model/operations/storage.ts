import type { OperationRow } from './row.js'

/** Operations on repositories and shared disks. */
export const storageRows = {
  'repo.add': { way: 'files', concerns: 'pools', makes: 'repo', past: 'added' },
  'repo.root': { way: 'files', concerns: 'pools', past: 'made the root' },
  'repo.remove': { way: 'files', concerns: 'pools', confirm: 'always', past: 'removed' },
  'disk.create': { way: 'files', concerns: 'pools', makes: 'disk', past: 'created' },
  'disk.attach': { way: 'records', concerns: 'pools', makes: 'vm', past: 'given a shared disk' },
  'disk.detach': { way: 'records', concerns: 'pools', makes: 'vm', past: 'relieved of a shared disk' },
  'disk.delete': { way: 'files', concerns: 'pools', confirm: 'always', past: 'deleted' },
} as const satisfies Record<string, OperationRow>
