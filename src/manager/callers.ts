import { Refusal } from '../model/errors.js'
import type { Permission } from '../model/permissions.js'
import type { Principal } from '../contract/requests.js'
import type { Reader } from '../store/store.js'
import type { Parts } from './parts.js'
import { recordRefusal } from './people/refusals.js'
import { identify, permit, type Caller } from './principal.js'

/** Lets those who call do what they may, and records whom it turned away. */
export class Callers {
  constructor(private readonly parts: Pick<Parts, 'store' | 'clock' | 'logins'>) {}

  /** What somebody is to be known by among those who called: his name and the password he showed. */
  nameOf(principal: Principal): string {
    return this.parts.logins.nameOf(principal)
  }

  /** Work for somebody who has shown his password, if he has one, and may do it. @throws Refusal auth.* */
  looking<T>(principal: Principal, permission: Permission, work: (reader: Reader, caller: Caller) => Promise<T>): Promise<T> {
    return this.asKnown(principal, () => this.asCaller(principal, permission, work))
  }

  /** Work for somebody who may do it, and was known before. @throws Refusal auth.* */
  asCaller<T>(principal: Principal, permission: Permission, work: (reader: Reader, caller: Caller) => Promise<T>): Promise<T> {
    return this.parts.store.read(async reader => {
      const caller = await identify(reader, principal)
      permit(caller, permission)
      return work(reader, caller)
    })
  }

  /** Work for somebody who has shown his password, if he has one. @throws Refusal auth.password */
  asKnown<T>(principal: Principal, work: () => Promise<T>): Promise<T> {
    return this.told(principal, async () => {
      await this.parts.logins.check(this.parts.store, principal)
      return work()
    })
  }

  /** Work of which a refusal of who somebody is, or what he may do, leaves an event. */
  async told<T>(principal: Principal, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof Refusal) await recordRefusal(this.parts.store, await this.parts.clock.nowMs(), principal, error)
      throw error
    }
  }
}
