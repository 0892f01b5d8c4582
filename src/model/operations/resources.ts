import type { OperationRow } from './row.js'

/** Kinds of what arrives in a repository from elsewhere (model.md, "Resources"). */
export const resourceKinds = ['template', 'image', 'iso'] as const
/** A kind of what arrives in a repository from elsewhere. */
export type ResourceKind = (typeof resourceKinds)[number]

/**
 * Operations on templates, images and ISOs. They are of the pool that keeps them, so its managers do them; importing a guest in one
 * go is among them, since it approves what it brings.
 */
export const resourceRows = {
  'template.import': { way: 'files', concerns: 'pools', makes: 'template', past: 'imported' },
  'template.register': { way: 'records', concerns: 'pools', makes: 'template', past: 'registered' },
  'template.approve': { way: 'records', concerns: 'pools', past: 'approved' },
  'template.cancel': { way: 'files', concerns: 'pools', past: 'cancelled' },
  'template.delete': { way: 'files', concerns: 'pools', confirm: 'always', past: 'deleted' },
  'image.import': { way: 'files', concerns: 'pools', makes: 'image', past: 'imported' },
  'image.register': { way: 'records', concerns: 'pools', makes: 'image', past: 'registered' },
  'image.approve': { way: 'records', concerns: 'pools', past: 'approved' },
  'image.cancel': { way: 'files', concerns: 'pools', past: 'cancelled' },
  'image.delete': { way: 'files', concerns: 'pools', confirm: 'always', past: 'deleted' },
  'iso.import': { way: 'files', concerns: 'pools', makes: 'iso', past: 'imported' },
  'iso.register': { way: 'records', concerns: 'pools', makes: 'iso', past: 'registered' },
  'iso.approve': { way: 'records', concerns: 'pools', past: 'approved' },
  'iso.cancel': { way: 'files', concerns: 'pools', past: 'cancelled' },
  'iso.delete': { way: 'files', concerns: 'pools', confirm: 'always', past: 'deleted' },
  'vm.import': { way: 'files', concerns: 'pools', makes: 'vm', past: 'imported' },
} as const satisfies Record<string, OperationRow>
