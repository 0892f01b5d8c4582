import { importDetails } from '../../contract/details/imports.js'
import { validate } from '../../contract/requests.js'
import { checkSource, shownSource } from '../../host/fetch/fetch-to.js'
import type { FetchOrder } from '../../host/ports.js'
import { Refusal } from '../../model/errors.js'
import { checkOsMode, osNamed } from '../../model/guest-os.js'
import { targetKindOf } from '../../model/operations.js'
import { checkNew, poolFor } from '../files/new-names.js'
import type { Maker } from '../making.js'
import { takeIds } from '../run-records.js'
import { importSourceTable } from '../schema.js'

/** What is to be imported, as its item keeps it: where from as everybody may know it. The rest is kept apart. */
export interface NewImport { source: string; checksum: string | null; owner: string }

/** Imports of templates, images, ISOs and guests: all that can be seen without asking anybody is checked, and nobody outside is asked. */
export const importMaker: Maker = {
  async plan(reader, caller, request) {
    const { name, pool: poolName, source, proxy, checksum, type, os } = validate(importDetails, request.options.details)
    const made = targetKindOf(request.operation)
    const kind = made === 'vm' ? 'image' : (made as FetchOrder['kind'])
    if (kind === 'iso' && type !== null) throw new Refusal('usage.argument', 'an ISO runs in no mode', 'leave the type out')
    checkSource(source, { proxy, checksum })
    const wrong = os === null ? null : checkOsMode(os, type)
    if (wrong) throw new Refusal(wrong.code, wrong.message, wrong.hint)
    const pool = await poolFor(reader, caller, request.operation, poolName)
    const order: FetchOrder = { kind, source, proxy, checksum, type, os: os === null ? null : osNamed(os) }
    const spec: NewImport = { source: shownSource(source), checksum, owner: caller.user }
    const target = { id: null, name, poolId: pool.id, pool: pool.name, state: null, sourceId: null, spec, secret: JSON.stringify(order) }
    await checkNew(reader, made, [target])
    return [target]
  },
  async complete(tx, targets) {
    for (const target of targets) {
      const order = JSON.parse(target.secret!) as FetchOrder
      // An image is a guest to be: it has the id that the guest will have.
      target.id = (await takeIds(tx, order.kind === 'image' ? 'vm' : order.kind, 1))[0]!
      await tx.insert(importSourceTable, [{ id: target.id, source: target.secret! }])
    }
  },
}
