import type { RunOperation } from '../../model/operations.js'
import { cloneOperation, createOperation } from './new-guest.js'
import type { FileOperation } from './plan.js'
import { diskAddOperation, diskRemoveOperation } from './disks.js'
import { guestImportOperation, importOperation } from '../resources/import-work.js'
import { cancelOperation, deleteOperation as deleteResource } from '../resources/removal.js'
import { deleteOperation, moveOperation, templateOperation } from './guest-files.js'
import { createOperation as createDisk, deleteOperation as deleteDisk } from '../disks/work.js'
import { addOperation, removeOperation, rootOperation } from '../repos/work.js'

/** The operations that are work on files. */
const fileOperations: Partial<Record<RunOperation, FileOperation>> = {
  'vm.create': createOperation, 'vm.clone': cloneOperation, 'vm.template': templateOperation, 'vm.move': moveOperation, 'vm.delete': deleteOperation,
  'vm.disk-add': diskAddOperation, 'vm.disk-remove': diskRemoveOperation,
  'repo.add': addOperation, 'repo.root': rootOperation, 'repo.remove': removeOperation, 'disk.create': createDisk, 'disk.delete': deleteDisk,
  'template.import': importOperation, 'image.import': importOperation, 'iso.import': importOperation, 'vm.import': guestImportOperation,
  'template.cancel': cancelOperation, 'image.cancel': cancelOperation, 'iso.cancel': cancelOperation, 'template.delete': deleteResource, 'image.delete': deleteResource, 'iso.delete': deleteResource,
}

/** The operation on files of a run whose way is `files`. */
export function fileOperationOf(operation: RunOperation): FileOperation {
  return fileOperations[operation]!
}
