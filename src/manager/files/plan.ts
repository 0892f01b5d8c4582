import type { FetchOrder, FileWork, NewRepository } from '../../host/ports.js'
import type { ImportedFiles } from '../../model/imported.js'
import type { Fault } from '../../model/errors.js'
import type { Reader, Row, Transaction } from '../../store/store.js'
import type { Change } from '../acts.js'
import type { LaunchOrder, QueuedItem } from '../launch.js'
import { keyOf, type Write } from '../write.js'
import type { FilesScene, Stored } from './scene.js'

/** What is to be done to the files of one target, and what is written when it begins. */
export interface FilePlan {
  what: FileWork['what']
  /** whose files are made, copied, moved or removed */
  object: { id: string; name: string }
  /** whose files are copied */
  source: Stored | null
  /** MiB that it takes in a repository, or gives back (shrink); 0: it takes none */
  sizeMiB: number
  /** the repository, by id; null: wherever there is most room */
  repoId: string | null
  /** what nobody else may change until it has ended; mostly the target */
  lease: string
  /** what is there from now on, by the repository that was chosen; it is taken away again when the work fails */
  makes: (repoId: string) => { table: string; row: Row }[]
  /** what changes of what is there already, and how it was */
  change: { table: string; row: Row; undo: Row } | null
  /** what is otherwise when it has ended well, as people know it: kept with the item, and told by the event */
  changes?: Change
  /** what the pool is extended by */
  repository?: NewRepository
  /** what is fetched */
  fetch?: FetchOrder
  /** the state that the target is in meanwhile */
  state: string
}

/** One item whose work ended well. */
export interface FilesDone { targetId: string; name: string; poolId: string; repoId: string | null; sourceId: string | null; spec: unknown; changes: Change | null; endedAtMs: number; user: string; /** what files came, of work that fetched them */ came?: ImportedFiles | undefined }

/** Why nothing is done, with the state that the target is in. */
export interface NoPlan { fault: Fault; state: string | null }

/** What was asked for is so already: the state that the target is in, and how to say that it is so. */
export interface AlreadySo { already: string; says: string }

/** An operation that is work on files. */
export interface FileOperation {
  /** what else its rules look at of targets, by their ids (and of items, what they are to make): the scene keeps it as `seen` */
  look?(reader: Reader, ids: readonly string[], items: readonly QueuedItem[]): Promise<ReadonlyMap<string, unknown>>
  /** what is to be done for an item now, or why it cannot be or need not */
  plan(order: LaunchOrder, item: QueuedItem, scene: FilesScene): FilePlan | NoPlan | AlreadySo
  /** writes what is so when the work has ended well; when it has not, what was written is taken back */
  done(tx: Transaction, items: readonly FilesDone[]): Promise<void>
  /** writes what stays when the work has failed, in the place of taking back what was written when it began */
  failed?(tx: Transaction, items: readonly (FilesDone & { error: Fault })[]): Promise<void>
  /** what its event says beside that it was done, by what changed */
  tells?(change: Change): string
  /** the state of the target after it ended well; null: it is gone; left out: whatever it is then */
  readonly after?: string | null
}

/** What takes back what a plan wrote when it began. */
export function undoOf(plan: FilePlan, repoId: string): Write[] {
  return [
    ...(plan.change ? [{ table: plan.change.table, how: 'update' as const, row: plan.change.undo }] : []),
    ...plan.makes(repoId).map(({ table, row }): Write => ({ table, how: 'remove', row: keyOf(table, row) })),
  ]
}
