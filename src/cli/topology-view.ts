import type { FarmTopology } from '../contract/manager.js'
import { formatMiB } from '../model/units.js'
import { titleCase } from './cells.js'
import { displayWidth } from './display-width.js'
import { printable } from './streams.js'

type Pool = FarmTopology['pools'][number]

/** How many guests of a server are drawn one by one. */
const drawnGuests = 12

/** The pools drawn in text, after the seed's Figures 6–9: the manager, each pool with its storage, servers and their guests. */
export function drawTopology(topology: FarmTopology): string {
  const manager = box([`Oracle VM Manager: ${printable(topology.farm)}`])
  const trunk = '        │'
  return [...manager, ...topology.pools.flatMap((pool, at) => [trunk, ...hang(box(poolLines(pool)), at === topology.pools.length - 1)])].map(line => line.trimEnd()).join('\n') + '\n'
}

function poolLines(pool: Pool): string[] {
  const traits = [titleCase(pool.state), `${pool.storage} storage`, pool.ha ? 'HA' : null, pool.virtualIp ? `virtual IP ${pool.virtualIp}` : null].filter(trait => trait !== null).map(printable)
  const repositories = pool.repositories.map(repo => `repository ${printable(repo.name)} (${printable(repo.kind)}, ${formatMiB(repo.sizeMiB)})`)
  return [`pool ${printable(pool.name)}: ${traits.join(', ')}`, ...pool.servers.flatMap(server => box(serverLines(server))), ...(pool.elsewhere.length > 0 ? ['not on a server:', ...guests(pool.elsewhere)] : []), ...repositories]
}

function serverLines(server: Pool['servers'][number]): string[] {
  return [`server ${printable(server.name)}  ${printable(server.address)}  ${printable(titleCase(server.state))}`, `roles: ${server.roles.map(printable).join(', ') || 'none'}`, ...guests(server.vms)]
}

function guests(vms: readonly { name: string; state: string }[]): string[] {
  const shown = vms.slice(0, drawnGuests).map(vm => `  ${printable(vm.name)}  ${printable(titleCase(vm.state))}`)
  return vms.length > drawnGuests ? [...shown, `  … and ${vms.length - drawnGuests} more`] : shown
}

function box(lines: readonly string[]): string[] {
  const width = Math.max(...lines.map(displayWidth))
  return [`┌─${'─'.repeat(width)}─┐`, ...lines.map(line => `│ ${line}${' '.repeat(width - displayWidth(line))} │`), `└─${'─'.repeat(width)}─┘`]
}

/** Hangs a box on the trunk that runs down from the manager. */
function hang(lines: readonly string[], last: boolean): string[] {
  return lines.map((line, at) => (at === 1 ? `        ${last ? '└' : '├'}──` : at === 0 || !last ? '        │  ' : '           ') + line)
}
