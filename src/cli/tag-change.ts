import type { OperationOptions } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { isTagKey, isTagValue, tagRules } from '../model/tags.js'

/** The tags that --tag KEY=VALUE and --untag KEY ask for. @throws Refusal usage.argument */
export function tagChangeOf(set: readonly string[], unset: readonly string[]): NonNullable<OperationOptions['tags']> {
  if (set.length + unset.length === 0) throw new Refusal('usage.argument', 'nothing is to be changed', 'give --tag KEY=VALUE or --untag KEY')
  const pairs = set.map(text => {
    const at = text.indexOf('=')
    if (at < 0) throw new Refusal('usage.argument', `--tag: ${JSON.stringify(text.slice(0, 80))} has no value`, 'write --tag KEY=VALUE')
    const value = text.slice(at + 1)
    if (!isTagValue(value)) throw new Refusal('usage.argument', `--tag: ${JSON.stringify(value.slice(0, 80))} cannot be the value of a tag`, `${tagRules.value}; --untag takes a tag away`)
    return [checkKey(text.slice(0, at), '--tag'), value] as const
  })
  const change = { set: Object.fromEntries(pairs), unset: unset.map(key => checkKey(key, '--untag')) }
  const both = change.unset.find(key => Object.hasOwn(change.set, key))
  if (both !== undefined) throw new Refusal('usage.argument', `tag ${both} is to be set and taken away`, 'say one of them')
  return change
}

function checkKey(key: string, flag: string): string {
  if (isTagKey(key)) return key
  throw new Refusal('usage.argument', `${flag}: ${JSON.stringify(key.slice(0, 80))} cannot be the key of a tag`, tagRules.key)
}
