import type { AgentKeys } from '../host/ports.js'
import { Refusal } from '../model/errors.js'
import type { Reader, Row } from '../store/store.js'
import { isPassword, kept } from './agent-password.js'
import { hostTable, type HostRow } from './schema.js'
import type { World } from './world.js'

type KeyRow = Pick<HostRow, 'name' | 'address' | 'password' | 'next_password' | 'next_job'>

/** The password of a simulated server's agent. */
export class SimAgentKeys implements AgentKeys {
  constructor(private readonly world: World, private readonly hostId: string) {}

  offer({ job, old, next }: { job: string; old: string | null; next: string }, dry: boolean): Promise<{ same: boolean }> {
    if (dry) return this.world.store.read(async reader => judge(await this.load(reader), job, old, next))
    return this.world.store.transact(async tx => {
      const host = await this.load(tx)
      const answer = judge(host, job, old, next)
      // One that has it already takes nothing else any more.
      // Whoever comes with the one that was to be settled has recorded it.
      const now: Row = isNext(host, old) || (answer.same && isNext(host, next)) ? { password: host.next_password } : {}
      const row = { ...now, ...(answer.same ? { next_password: null, next_job: null } : { next_password: kept(next, host.address), next_job: job }) }
      if (host.next_job !== job) await tx.update(hostTable, [{ id: this.hostId, ...row }])
      return answer
    })
  }

  settle(job: string): Promise<void> {
    return this.end(job, true)
  }

  withdraw(job: string): Promise<void> {
    return this.end(job, false)
  }

  private end(job: string, isSettled: boolean): Promise<void> {
    return this.world.store.transact(async tx => {
      const host = await this.load(tx)
      if (host.next_job === job) await tx.update(hostTable, [{ id: this.hostId, password: isSettled ? host.next_password : host.password, next_password: null, next_job: null }])
    })
  }

  private async load(reader: Reader): Promise<KeyRow> {
    const [host] = await reader.select<KeyRow>({ name: 'name', address: 'address', password: 'password', next_password: 'next_password', next_job: 'next_job' }, 'from host where id = ?', [this.hostId])
    return host!
  }
}

/** Whether the agent lets somebody change its password who knows `old`. @throws Refusal agent.password */
function judge(host: KeyRow, job: string, old: string | null, next: string): { same: boolean } {
  if (host.next_job === job) return { same: false }
  if (host.password !== null && !isPassword(old, host.password) && !isNext(host, old)) {
    throw new Refusal('agent.password', `the agent of server ${host.name} ${old === null ? 'wants the password that it has' : 'does not take the password that it was given for its own'}`, '--old-password-file FILE gives the one that it has')
  }
  return { same: host.next_password === null ? host.password !== null && isPassword(next, host.password) : isNext(host, next) }
}

function isNext(host: KeyRow, password: string | null): boolean {
  return host.next_password !== null && isPassword(password, host.next_password)
}

/** What an agent makes of a password that somebody comes with. */
export function judged({ password, next_password }: Pick<HostRow, 'password' | 'next_password'>, given: string | null): 'any' | 'taken' | 'also-former' | 'refused' {
  if (password === null) return 'any'
  const isTaken = isPassword(given, password) || (next_password !== null && isPassword(given, next_password))
  return !isTaken ? 'refused' : next_password === null ? 'taken' : 'also-former'
}
