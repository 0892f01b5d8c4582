import type { Console } from '../../contract/manager.js'
import { Refusal } from '../../model/errors.js'
import type { VmState } from '../../model/vm-states.js'
import type { Reader } from '../../store/store.js'
import { showRecords } from '../looking.js'
import { deniedFault, forbiddenTo } from '../permitted.js'
import type { Caller } from '../principal.js'

/** The states in which a guest has a console: its frame buffer is there. */
const withConsole: readonly VmState[] = ['running', 'paused']

/**
 * Where the console of a guest is. Whoever sees the guest may know where; its password is for those who may change the guest,
 * since with it one sits at its keyboard. @throws Refusal not-found.vm, usage.ambiguous, vm.state, auth.denied
 */
export async function consoleOf(reader: Reader, caller: Caller, name: string, withPassword: boolean): Promise<Console> {
  const [found] = await showRecords(reader, caller, { principal: { user: caller.user }, kind: 'vm', names: [name], columns: ['id', 'name', 'pool', 'state'] })
  const { id, name: own, pool, state } = found as unknown as { id: string; name: string; pool: string; state: VmState }
  if (withPassword && (await forbiddenTo(reader, caller, 'vm.update', [{ id }])).has(id)) throw Refusal.from({ ...deniedFault(caller.user, 'vm.update', own), message: `${caller.user} may look at guest ${own}, but not change it: the password of its console is not for him` })
  const [at] = await reader.select<{ server: string | null; address: string | null; port: number | null }>({ server: 's.name', address: 's.address', port: 'g.vnc_port' }, 'from vm g left join server s on s.id = g.server_id where g.id = ?', [id])
  const { server, address, port } = at!
  if (!withConsole.includes(state) || server === null || address === null || port === null) throw new Refusal('vm.state', `guest ${own} is ${state}: it has no console`, state === 'powered-off' ? `vm start ${own}` : state === 'suspended' ? `vm resume ${own}` : `vm wait ${own} --for settled`, { state, operation: 'console', allowed: withConsole })
  const [secret] = withPassword ? await reader.select<{ password: string }>({ password: 'password' }, 'from console where vm_id = ?', [id]) : []
  return { name: own, pool, server, address, port, ...(withPassword ? { password: secret?.password ?? null } : {}) }
}
