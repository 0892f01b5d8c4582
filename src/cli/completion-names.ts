import { fieldsOf } from '../contract/fields.js'
import type { Manager } from '../contract/manager.js'
import type { Principal, SuggestedKind } from '../contract/requests.js'
import type { LookUp } from './completion.js'
import { connection } from './connection.js'
import type { Defaults } from './defaults.js'
import { globalFlags } from './global-flags.js'
import { quietPrincipal } from './login.js'
import { homeFolder } from './places.js'
import { currentProfile } from './profiles.js'
import { program } from './program.js'
import { targetOf } from './target.js'
import { shownIds, topicsOf } from './topics.js'

/** How many names are offered at most: more nobody reads. */
const mostNames = 1_000

/** Looks names up as the command on the line would: on its farm, as its user, in the pool in use, with the defaults of all three. Refusals go through. */
export function lookUpWith(defaults: Defaults): LookUp {
  return async (subject, prefix, given) => {
    const said = (flag: string) => [given.get(flag), defaults.get(flag)?.texts[0]].find(value => typeof value === 'string') ?? null
    const farm = said('farm')
    if ('topics' in subject) return topicsOf(shownIds(program().table))
    if ('verbs' in subject) return verbsOf(subject.verbs)
    if ('names' in subject) {
      const { manager, principal } = await aimed(given, defaults)
      const pool = isInPool(subject.names) && !prefix.includes('/') ? defaults.get('pool')?.texts[0] : undefined
      try {
        const names = await manager.suggest({ principal, kind: subject.names, prefix: pool === undefined ? prefix : `${pool}/${prefix}`, limit: mostNames })
        return pool === undefined ? names : names.map(name => name.slice(pool.length + 1))
      } finally {
        await connection().releaseManager(manager)
      }
    }
    const keeper = await connection().openKeeper(homeFolder())
    switch (subject.keeper) {
      case 'farm': return keeper.names()
      case 'preset': return keeper.presets().map(preset => preset.name)
      case 'fault': return (await keeper.listFaults(farm)).map(fault => fault.id)
    }
  }
}

/** The manager that the line is about, and who asks it. */
async function aimed(given: Parameters<LookUp>[2], defaults: Defaults): Promise<{ manager: Manager; principal: Principal }> {
  const flags = Object.fromEntries((['farm', 'profile', 'manager', 'ca'] as const).flatMap(flag => { const value = given.get(flag); return typeof value === 'string' ? [[flag, value]] : [] }))
  const user = [given.get('user'), defaults.get('user')?.texts[0]].find(value => typeof value === 'string') ?? String(globalFlags.user.default)
  const target = targetOf(flags, defaults, currentProfile)
  const principal = () => quietPrincipal(user, defaults)
  if (target.kind === 'embedded') return { manager: await connection().openManager({ home: homeFolder(), farm: target.farm }), principal: principal() }
  const { reach } = await import('./reach.js')
  // Nobody waits long for what Tab says.
  const reached = await reach(target, principal, 0)
  return { manager: await connection().openRemote(reached.place, reached.login), principal: { user: reached.user } }
}

/** Whether such names can be told apart by their pool. */
function isInPool(kind: SuggestedKind): boolean {
  return kind !== 'tag' && 'pool' in fieldsOf(kind) && 'name' in fieldsOf(kind)
}

/** The verbs of a topic, or of all of them. */
function verbsOf(topic: string | null): string[] {
  return [...new Set(shownIds(program().table).map(id => id.split(' ')).flatMap(([first, verb]) => (verb === undefined || (topic !== null && first !== topic) ? [] : [verb])))]
}
