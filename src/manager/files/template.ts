import { templateDetails } from '../../contract/details/guests.js'
import { validate } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import { forbiddenTo, deniedFault } from '../permitted.js'
import { resolveTargets } from '../targets.js'
import type { Maker } from '../making.js'
import { loadGuests } from './guest-copy.js'
import type { NewTemplate } from './guest-files.js'
import { checkNew } from './new-names.js'

/** `vm template`: a template like a guest. */
export const templateMaker: Maker = {
  async plan(reader, caller, request) {
    const { name } = validate(templateDetails, request.options.details)
    const [source, ...more] = await resolveTargets(reader, caller, 'vm', request.selector)
    if (!source || more.length > 0) throw new Refusal('usage.argument', 'a template is made of one guest', 'vm template VM --name NAME')
    const forbidden = await forbiddenTo(reader, caller, 'vm.template', [source])
    if (forbidden.has(source.id)) throw Refusal.from(deniedFault(caller.user, 'vm.template', source.name))
    const { spec, details } = (await loadGuests(reader, [source.id])).get(source.id)!
    const kept: NewTemplate = { type: spec.type, os: spec.os, sizeMiB: spec.diskMiB, details: { vcpus: spec.vcpus, memoryMiB: spec.memoryMiB, nics: (details['nics'] as { bridge: string }[]).map(({ bridge }) => ({ bridge })), bootDevice: details['bootDevice'], keyboard: details['keyboard'], description: details['description'] } }
    const target = { id: null, name, poolId: source.poolId, pool: source.pool, state: null, sourceId: source.id, spec: kept }
    await checkNew(reader, 'template', [target])
    return [target]
  },
}
