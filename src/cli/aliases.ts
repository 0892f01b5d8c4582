/** Other words for topics (cli.md, "Aliases"). */
export const topicAliases: Readonly<Record<string, string>> = { svr: 'server', svrp: 'pool', tmpl: 'template', img: 'image', sd: 'disk' }

/** Other words for verbs; what follows the verb are flags that come with it. */
export const verbAliases: Readonly<Record<string, readonly string[]>> = {
  ls: ['list'], info: ['show'], new: ['create'], del: ['delete'], rm: ['delete'], poweron: ['start'], poweroff: ['stop', '--force'], mig: ['migrate'], con: ['console'],
}

/** The words with aliases of topic and verb replaced. */
export function withoutAliases(words: readonly string[]): string[] {
  const [topic, verb, ...rest] = words
  if (topic === undefined) return []
  const named = Object.hasOwn(topicAliases, topic) ? topicAliases[topic]! : topic
  if (verb === undefined) return [named]
  const [meant, ...flags] = Object.hasOwn(verbAliases, verb) ? verbAliases[verb]! : [verb]
  return [named, meant!, ...flags, ...rest]
}
