import { fieldsOf } from '../contract/fields.js'
import type { SuggestedKind } from '../contract/requests.js'
import type { LookUp } from './completion.js'
import { connection } from './connection.js'
import type { Defaults } from './defaults.js'
import { globalFlags } from './global-flags.js'
import { quietPrincipal } from './login.js'
import { homeFolder } from './places.js'
import { program } from './program.js'
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
      const manager = await connection().openManager({ home: homeFolder(), farm })
      const pool = isInPool(subject.names) && !prefix.includes('/') ? defaults.get('pool')?.texts[0] : undefined
      try {
        const names = await manager.suggest({ principal: quietPrincipal(said('user') ?? String(globalFlags.user.default), defaults), kind: subject.names, prefix: pool === undefined ? prefix : `${pool}/${prefix}`, limit: mostNames })
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

/** Whether such names can be told apart by their pool. */
function isInPool(kind: SuggestedKind): boolean {
  return kind !== 'tag' && 'pool' in fieldsOf(kind) && 'name' in fieldsOf(kind)
}

/** The verbs of a topic, or of all of them. */
function verbsOf(topic: string | null): string[] {
  return [...new Set(shownIds(program().table).map(id => id.split(' ')).flatMap(([first, verb]) => (verb === undefined || (topic !== null && first !== topic) ? [] : [verb])))]
}
