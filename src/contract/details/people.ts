import * as v from 'valibot'
import { roles } from '../../model/permissions.js'
import { name } from './texts.js'

/** The longest that an address may be, in characters (RFC 5321, 4.5.3.1.3, without the angle brackets). */
const longestEmail = 254
const address = v.pipe(v.string(), v.maxLength(longestEmail, `longer than ${longestEmail} characters`), v.regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u, 'not an address like name@example.com'))
const email = v.nullable(address)
const description = v.nullable(v.pipe(v.string(), v.maxLength(1_000, 'longer than 1,000 characters')))
const several = v.pipe(v.array(name), v.minLength(1, 'names nothing'), v.maxLength(10_000, 'more than 10,000'))

/** A password in clear, on its way to be made unreadable. Whether it is a good one the manager says. */
export const password = v.pipe(v.string('not a text'), v.maxLength(4_096, 'longer than 4,096 characters'))

/** Whether somebody can have this address. */
export function isEmail(text: string): boolean {
  return v.is(address, text)
}

/** What `user create` makes. */
export const userCreateDetails = v.strictObject({ name, role: v.picklist(roles), email, password })

/** What `user update` changes; null as an address takes it away. */
export const userUpdateDetails = v.pipe(v.strictObject({ role: v.exactOptional(v.picklist(roles)), email: v.exactOptional(email) }), v.check(given => Object.keys(given).length > 0, 'changes nothing'))

/** To whom `user delete` gives the guests of those who go; null: to nobody. */
export const userDeleteDetails = v.strictObject({ newOwner: v.nullable(name) })

/** The new password of `user password`. */
export const userPasswordDetails = v.strictObject({ password })

/** The pools of `user grant` and `user revoke`, by name or id. */
export const userPoolsDetails = v.strictObject({ pools: several })

/** What `group create` makes. */
export const groupCreateDetails = v.strictObject({ name, description })

/** What `group update` changes; null takes the description away. */
export const groupUpdateDetails = v.strictObject({ description })

/** The users of `group add` and `group remove`. */
export const groupUsersDetails = v.strictObject({ users: several })
