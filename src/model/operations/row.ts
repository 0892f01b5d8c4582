/** Kinds of objects that a run changes or makes. */
export const targetKinds = ['vm', 'server', 'pool', 'template', 'image', 'iso', 'disk', 'repo', 'user', 'group'] as const
/** A kind of object that a run changes or makes. */
export type TargetKind = (typeof targetKinds)[number]

/**
 * How an operation is done: `guest`, by the hypervisor of a server; `power`, to a server as a whole: its power, its agent, its place among those that take guests; `files`, by a utility server, on
 * files in repositories; `records`, in the manager's records in one commit, whatever servers have to be told before.
 */
export type Way = 'guest' | 'power' | 'files' | 'records'

/** What whoever asks for an operation must be permitted to: guests, what belongs to a pool, people, what everybody may change of himself, or the farm itself: which pools it has. */
export type Concern = 'guests' | 'pools' | 'people' | 'himself' | 'farm'

/** What an operation of a run is. */
export interface OperationRow {
  readonly way: Way
  readonly concerns: Concern
  /** the kind of its targets where it is not the topic: agents are those of servers */
  readonly of?: TargetKind
  /** how people say it, where it is not `TOPIC VERB` */
  readonly words?: string
  /** what it makes, where its targets are not there before; or what it is done to, where its topic says another kind (`disk attach DISK VM...`): its Maker finds them */
  readonly makes?: TargetKind
  /** the kind of its targets, where it is asked of another: `pool remove-server` is asked of a pool, and done to servers */
  readonly targets?: TargetKind
  /** when it wants a confirmation (cli.md, "Confirmation"): always, or for more than one target, a glob or a narrowing */
  readonly confirm?: 'always' | 'many'
  /** past tense for events: "guest vm1 started" */
  readonly past: string
}
