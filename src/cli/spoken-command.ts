import { Refusal } from '../model/errors.js'
import { topicAliases, verbAliases } from './aliases.js'
import { nearest } from './near.js'

/** A command as somebody speaks of it. */
export interface SpokenCommand {
  id: string
  /** null: a command of one word */
  topic: string | null
  verb: string
  /** the object that was named */
  name: string | null
}

/**
 * The command that `VERB TOPIC [NAME]` means, or the same words the way they are typed, `TOPIC VERB [NAME]`; aliases too.
 * @throws Refusal usage.argument, usage.command with the nearest one there is
 */
export function spokenCommand(words: readonly string[], ids: readonly string[]): SpokenCommand {
  const [first, second, third] = words.map(meant)
  if (first === undefined) throw new Refusal('usage.argument', 'say what is to be done, and to what', usage)
  const spoken = [[second, third, first], [first, second, third], [second, first], [first, second], [first]].filter(order => order.every(word => word !== undefined))
  const found = spoken.find(order => ids.includes(order.join(' ')))
  if (!found) throw unknown(first, second, ids)
  const names = words.slice(found.length)
  if (names.length > 1) throw new Refusal('usage.argument', 'one NAME at most can be asked about', usage)
  return { id: found.join(' '), topic: found.length > 1 ? found.slice(0, -1).join(' ') : null, verb: found.at(-1)!, name: names[0] ?? null }
}

const usage = 'write for example: ovmcli can-i start vm, or ovmcli can-i start vm vm1'

/** The word that an alias stands for, be it a topic or a verb. */
function meant(word: string): string {
  if (Object.hasOwn(topicAliases, word)) return topicAliases[word]!
  return Object.hasOwn(verbAliases, word) ? verbAliases[word]![0]! : word
}

function unknown(first: string, second: string | undefined, ids: readonly string[]): Refusal {
  const topics = [...new Set(ids.filter(id => id.includes(' ')).map(id => id.split(' ')[0]!))]
  const verbsOf = (topic: string) => ids.filter(id => id.startsWith(`${topic} `)).map(id => id.slice(topic.length + 1))
  const topic = [second, first].find(word => word !== undefined && topics.includes(word))
  if (topic !== undefined) {
    const verb = topic === second ? first : second
    if (verb === undefined) return new Refusal('usage.argument', `${topic} wants a verb`, `write ovmcli can-i VERB ${topic}; verbs: ${verbsOf(topic).join(' ')}`)
    const near = nearest(verb, verbsOf(topic))
    return new Refusal('usage.command', `${topic} has no verb ${shown(verb)}`, near ? `did you mean: ovmcli can-i ${near} ${topic}` : `verbs of ${topic}: ${verbsOf(topic).join(' ')}`)
  }
  if (second === undefined && topics.some(each => verbsOf(each).includes(first))) return new Refusal('usage.argument', `${first} what?`, `write ovmcli can-i ${first} TOPIC; topics: ${topics.filter(each => verbsOf(each).includes(first)).join(' ')}`)
  const word = second ?? first
  const near = nearest(word, topics)
  return new Refusal('usage.command', `there is no topic ${shown(word)}`, near ? `did you mean: ovmcli can-i ${verbsOf(near).includes(first) ? first : 'VERB'} ${near}` : `topics: ${topics.join(' ')}`)
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}
