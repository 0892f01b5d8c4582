import type { RunRequest } from '../contract/requests.js'
import type { RunOperation } from '../model/operations.js'
import type { Reader, Transaction } from '../store/store.js'
import type { Parts } from './parts.js'
import type { Caller } from './principal.js'
import type { Target } from './targets.js'

/** An object that is to be made. `id` null: it gets one from the farm's seed; users and groups are known by their names. */
export interface NewTarget extends Omit<Target, 'id'> {
  id: string | null
  /** what it is to be, as plain data: the items of the run keep it */
  spec: object
  /** what is read to make it; nobody changes that meanwhile */
  sourceId: string | null
  /** it is made already, and is only to start */
  made?: boolean
  /** what `complete` keeps apart: no item, event or report holds it */
  secret?: string
}

/** How an operation that makes objects finds out which. */
export interface Maker {
  /** what servers have to say of it, asked before anything is recorded: `plan` is given it */
  ask?(parts: Parts, request: RunRequest): Promise<unknown>
  /** The objects that a request asks for, checked whole: nothing is made unless all can be. @throws Refusal for what is wrong, before anything is written */
  plan(reader: Reader, caller: Caller, request: RunRequest, nowMs: number, asked: unknown): Promise<NewTarget[]>
  /** what can be said of the objects only when their run is recorded: numbers that the farm gives */
  complete?(tx: Transaction, targets: readonly NewTarget[]): Promise<void>
}

/** The makers, each in its room, which is loaded when it is needed. */
const makers: Partial<Record<RunOperation, () => Promise<Maker>>> = {
  'vm.create': async () => (await import('./files/create.js')).createMaker,
  'vm.clone': async () => (await import('./files/clone.js')).cloneMaker,
  'repo.add': async () => (await import('./repos/add.js')).addMaker,
  'disk.create': async () => (await import('./disks/create.js')).createMaker,
  'disk.attach': async () => (await import('./disks/attach.js')).attachMaker,
  'disk.detach': async () => (await import('./disks/attach.js')).detachMaker,
  'template.import': imports, 'image.import': imports, 'iso.import': imports, 'vm.import': imports, 'template.register': registers, 'image.register': registers, 'iso.register': registers,
  'vm.template': async () => (await import('./files/template.js')).templateMaker,
  'pool.create': async () => (await import('./pools/create.js')).createPoolMaker,
  'pool.add-server': async () => (await import('./pools/add-server.js')).addServerMaker,
  'pool.remove-server': async () => (await import('./pools/remove-server.js')).removeServerMaker,
  'user.create': async () => (await import('./people/create-user.js')).userMaker,
  'group.create': async () => (await import('./people/groups.js')).groupMaker,
}

async function imports(): Promise<Maker> {
  return (await import('./resources/new-import.js')).importMaker
}

async function registers(): Promise<Maker> {
  return (await import('./resources/register.js')).registerMaker
}

/** The maker of an operation; null for one that changes what is there. */
export async function makerOf(operation: RunOperation): Promise<Maker | null> {
  return (await makers[operation]?.()) ?? null
}
