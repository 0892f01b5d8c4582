import { expect, it } from 'vitest'
import { noNarrowing } from '../../src/contract/requests.js'
import { wireMethods } from '../../src/contract/wire/port.js'
import { runOperations } from '../../src/model/operations.js'
import { reachOf, type Role } from '../../src/model/permissions.js'
import { requestOf as runOf, sharedFarm } from '../manager/permitted-farm.js'
import { playedManager, requestOf } from './played-manager.js'
import { post } from './raw.js'
import { encodeFields } from '../../src/wsapi/codec/encode.js'
import { methodCodec } from '../../src/wsapi/codec/methods.js'
import { enveloped } from '../../src/wsapi/envelope.js'
import { serve } from './served.js'

const roleOf: Readonly<Record<string, Role>> = { alice: 'user', operator: 'manager', admin: 'administrator' }

/** The code of a refusal; null where there was none. */
const codeOf = (work: Promise<unknown>) => work.then(() => null, (error: { code?: string }) => error.code)

it('every operation is refused over the wire to every role that may never do it, and to nobody else; each refusal leaves an event', async () => {
  const manager = await sharedFarm()
  const served = await serve(manager)
  let refused = 0
  for (const [user, role] of Object.entries(roleOf)) {
    const client = served.client({ user })
    for (const operation of runOperations) {
      const never = reachOf(role, operation) === 'none'
      // Whatever is named as the principal: who logged in asks.
      const code = await codeOf(client.startRun({ ...runOf('admin', operation, 'nowhere'), requestKey: `${user}/${operation}` }))
      if (never) expect(code, `${user} ${operation}`).toBe('auth.denied')
      else expect(code, `${user} ${operation}`).not.toBe('auth.denied')
      if (never) refused++
    }
  }
  expect(refused).toBeGreaterThan(20)
  const page = await manager.list({ principal: { user: 'admin' }, kind: 'event', narrowing: { ...noNarrowing, filters: ['kind=auth.denied'] }, columns: ['user', 'message'], sort: null, limit: null, cursor: null })
  const events = JSON.parse(page.json) as { user: string; message: string }[]
  expect(events).toHaveLength(refused)
})

it('no call reaches the manager without a login', async () => {
  const { manager, asked } = playedManager(1)
  const { port } = await serve(manager)
  for (const method of wireMethods) {
    const body = enveloped(method, encodeFields(methodCodec(method).request.fields, requestOf(method)))
    for (const authorization of [null, 'Basic', 'Basic Og==', 'Bearer x', '']) expect((await post(port, body, { authorization })).status, method).toBe(401)
  }
  expect(asked).toEqual([])
})
