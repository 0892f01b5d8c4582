/** States of everything but guests; their table is in vm-states.ts. */
export const serverStates = ['active', 'starting', 'unreachable', 'maintenance', 'off', 'dead'] as const
/** A state of a server. */
export type ServerState = (typeof serverStates)[number]

export const agentStates = ['running', 'stopped', 'unreachable'] as const
/** How the agent of a server is: `unreachable` when it runs, as far as its server can tell, and does not answer. */
export type AgentState = (typeof agentStates)[number]

export const serverNetworks = ['management', 'heartbeat', 'migration'] as const
/** What servers of a pool speak to each other, and the manager to them, over their networks: the same, or each its own. */
export type ServerNetwork = (typeof serverNetworks)[number]

export const poolStates = ['active', 'degraded', 'no-master', 'empty'] as const
/** A state of a server pool. */
export type PoolState = (typeof poolStates)[number]

export const resourceStates = ['importing', 'pending', 'active', 'error'] as const
/** A state of a template, image or ISO. */
export type ResourceState = (typeof resourceStates)[number]

export const repoStates = ['active', 'offline'] as const
/** A state of a storage repository. */
export type RepoState = (typeof repoStates)[number]

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'aborted'] as const
/** A state of a job. */
export type JobState = (typeof jobStates)[number]

export const runStates = ['running', 'interrupted', 'finished'] as const
/** A state of a run. */
export type RunState = (typeof runStates)[number]

export const itemResults = ['done', 'unchanged', 'failed', 'unknown', 'not-attempted', 'accepted', 'would-do', 'would-fail'] as const
/** What became of one target of a run. */
export type ItemResult = (typeof itemResults)[number]

export const userStates = ['active', 'locked'] as const
/** A state of a user's account. */
export type UserState = (typeof userStates)[number]

export const serverRoles = ['master', 'utility', 'vm'] as const
/** A role of a server's agent (seed, List 5). */
export type ServerRole = (typeof serverRoles)[number]

export const severities = ['info', 'warning', 'error'] as const
/** How grave an event is. */
export type Severity = (typeof severities)[number]

/** How a guest runs: with a Xen kernel of its own, or on hardware virtualization. */
export const vmTypes = ['pv', 'hvm'] as const
/** How a guest runs. */
export type VmType = (typeof vmTypes)[number]
/** What a guest boots from. */
export const bootDevices = ['hdd', 'cdrom', 'pxe'] as const
/** What a guest boots from. */
export type BootDevice = (typeof bootDevices)[number]
/** Who sees a guest: its owner, his group too, or everybody. */
export const visibilities = ['private', 'shared', 'public'] as const
/** Who sees a guest. */
export type Visibility = (typeof visibilities)[number]
/** Where a pool keeps its guests. */
export const storageKinds = ['local', 'shared'] as const
/** Where a pool keeps its guests. */
export type StorageKind = (typeof storageKinds)[number]
