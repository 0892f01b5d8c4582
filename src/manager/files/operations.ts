import type { RunOperation } from '../../model/operations.js'
import { cloneOperation, createOperation } from './new-guest.js'
import type { FileOperation } from './plan.js'
import { diskAddOperation, diskRemoveOperation } from './disks.js'
import { deleteOperation, moveOperation, templateOperation } from './guest-files.js'
import { createOperation as createDisk, deleteOperation as deleteDisk } from '../disks/work.js'
import { addOperation, removeOperation, rootOperation } from '../repos/work.js'

/** The operations that are work on files. */
const fileOperations: Partial<Record<RunOperation, FileOperation>> = {
  'vm.create': createOperation, 'vm.clone': cloneOperation, 'vm.template': templateOperation, 'vm.move': moveOperation, 'vm.delete': deleteOperation,
  'vm.disk-add': diskAddOperation, 'vm.disk-remove': diskRemoveOperation,
  'repo.add': addOperation, 'repo.root': rootOperation, 'repo.remove': removeOperation, 'disk.create': createDisk, 'disk.delete': deleteDisk,
}

/** The operation on files of a run whose way is `files`. */
export function fileOperationOf(operation: RunOperation): FileOperation {
  return fileOperations[operation]!
}
