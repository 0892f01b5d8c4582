import { userCreateDetails, userPasswordDetails } from '../../contract/details/people.js'
import { validate, type RunRequest } from '../../contract/requests.js'
import { checkPassword } from '../../model/passwords.js'
import type { Store } from '../../store/store.js'
import { identify } from '../principal.js'
import { resolveTargets } from '../targets.js'

/** Operations whose requests carry a new password. */
const withPassword: readonly RunRequest['operation'][] = ['user.create', 'user.password']

/** Whether a request carries a new password in clear. */
export function carriesPassword({ operation }: RunRequest): boolean {
  return withPassword.includes(operation)
}

/**
 * The request with what scrypt makes of its new password as its secret, and no password where it was: runs and their items keep
 * what they were asked for, and neither the password nor what was made of it is among that. @throws Refusal usage.password, and what is wrong with the targets
 */
export async function sealed(store: Store, request: RunRequest): Promise<RunRequest> {
  const details = validate(request.operation === 'user.create' ? userCreateDetails : userPasswordDetails, request.options.details)
  const names = 'name' in details ? [details.name] : await store.read(async reader => (await resolveTargets(reader, await identify(reader, request.principal), 'user', request.selector)).map(target => target.name))
  for (const name of names) checkPassword(details.password, name)
  const { hashPassword } = await import('./scrypt.js')
  return { ...request, options: { ...request.options, details: { ...details, password: '' }, secret: await hashPassword(details.password) } }
}
