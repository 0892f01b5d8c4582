import { migrationBlockers, type Blocker } from '../model/migration.js'
import { place, isPlaced, reserve, type Demand } from '../model/placement.js'
import type { LaunchPool, LaunchScene, LaunchServer, LaunchVm } from './launch.js'

/** What a guest asks of the server that is to run it. */
export function demandOf(vm: LaunchVm): Demand {
  return { memoryMiB: vm.memoryMiB, vcpus: vm.vcpus, hvm: vm.type === 'hvm', preferredServerIds: vm.preferred }
}

/** Everything that keeps a guest from migrating to a server now (model.md, rule 3). */
export function blockersOf(vm: LaunchVm, pool: LaunchPool, source: LaunchServer | null, target: LaunchServer): Blocker[] {
  return migrationBlockers({ vm: { name: vm.name, state: vm.state, pool: pool.name, demand: demandOf(vm) }, source, target, poolStorage: pool.storage })
}

/** Those of some servers that a guest can migrate to now; where there are none, everything that is in the way. */
export function destinations(vm: LaunchVm, pool: LaunchPool, source: LaunchServer | null, servers: readonly LaunchServer[]): { able: LaunchServer[]; blockers: Blocker[] } {
  const others = servers.filter(server => server.id !== vm.serverId)
  if (others.length === 0) {
    const lonely: Blocker = { rule: 'no-other-server', message: `pool ${pool.name} has no other server`, fix: `pool add-server ${pool.name}` }
    return { able: [], blockers: [...(source ? blockersOf(vm, pool, source, source).filter(blocker => blocker.rule === 'state' || blocker.rule === 'shared-repository') : []), lonely] }
  }
  const judged = others.map(server => ({ server, blockers: blockersOf(vm, pool, source, server) }))
  const able = judged.filter(({ blockers }) => blockers.length === 0).map(({ server }) => server)
  return { able, blockers: able.length > 0 ? [] : unique(judged.flatMap(({ blockers }) => blockers)) }
}

/** Of servers that a guest can migrate to, those that are not to be emptied themselves, where there are such. */
export function preferred(able: LaunchServer[], avoided: ReadonlySet<string>): LaunchServer[] {
  const staying = able.filter(server => !avoided.has(server.id))
  return staying.length > 0 ? staying : able
}

/** Whether the guests of a server can all leave it. */
export interface WayOut {
  /** why some cannot, and who these are */
  blockers: Blocker[]
  stuck: LaunchVm[]
  /** servers that this run empties already would find no place for their guests once this one takes none */
  crowds: boolean
}

/**
 * Whether all guests of a server find a place, beside those of the servers that the same run is emptying: each is placed as its
 * migration will be, on what is free now. Guests that somebody else is changing are left to that change. Changes nothing.
 */
export function wayOut(run: string, server: LaunchServer, pool: LaunchPool, guests: readonly LaunchVm[], scene: LaunchScene): WayOut {
  const room = pool.servers.filter(one => one.id !== server.id).map(one => ({ ...one }))
  const settle = (vm: LaunchVm): Blocker[] => {
    const { able, blockers } = destinations(vm, pool, pool.servers.find(one => one.id === vm.serverId) ?? null, room)
    const placed = able.length === 0 ? null : place(preferred(able, scene.avoided), demandOf(vm))
    if (placed && isPlaced(placed)) reserve(placed, demandOf(vm))
    return blockers
  }
  const leaving = pool.servers.filter(one => one.id !== server.id && one.leasedIn === run).flatMap(one => scene.guestsOn.get(one.id) ?? []).filter(vm => vm.state === 'running')
  const crowds = leaving.filter(vm => settle(vm).length > 0).length > 0
  const judged = guests.filter(vm => vm.leasedBy === null).map(vm => ({ vm, blockers: settle(vm) })).filter(({ blockers }) => blockers.length > 0)
  return { blockers: unique(judged.flatMap(({ blockers }) => blockers)), stuck: judged.map(({ vm }) => vm), crowds }
}

function unique(blockers: readonly Blocker[]): Blocker[] {
  return [...new Map(blockers.map(blocker => [blocker.message, blocker])).values()]
}
