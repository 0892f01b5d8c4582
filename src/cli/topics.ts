/** What each topic is about, in the order of the contract (cli.md, "Grammar"): overview, man pages, reference and completion read it. */
export const topics: Readonly<Record<string, string>> = {
  vm: 'guests, the virtual machines of the farm',
  server: 'the servers that guests run on',
  pool: 'server pools, and what servers and guests share in them',
  template: 'templates that guests are made of',
  image: 'images of guests from elsewhere',
  iso: 'ISO images, the CD-ROMs of guests',
  disk: 'virtual disks that several guests share',
  repo: 'repositories, where the files of guests are kept',
  user: 'users, and what they may do',
  group: 'groups of users, that guests can be shared with',
  agent: 'the agents that run on the servers',
  job: 'jobs, each what is done to one object',
  event: 'events, what happened on the farm',
  run: 'runs, each what one command does to all its targets',
  xenstore: 'what guests tell their servers',
  farm: 'the whole farm',
  sim: 'simulated farms, their clock and their faults',
  manager: 'the manager as a service',
  profile: 'profiles of managers and users',
  doctor: 'look for what is wrong, and say how to mend it',
  shell: 'many commands at one prompt',
  batch: 'many commands from a file',
  whoami: 'who you are here',
  'can-i': 'what you may do here',
  commands: 'every command there is, as data',
  autocomplete: 'completion in bash and zsh',
}

/** Commands that only scripts of ours give: no help, reference or completion lists them. */
export const hiddenCommands: ReadonlySet<string> = new Set(['autocomplete words'])

/** The commands of a table that people are told of, by their words. */
export function shownIds(table: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(table).filter(id => !hiddenCommands.has(id))
}

/** The commands of a topic and its own, by their words, out of all. */
export function commandsOf(ids: readonly string[], topic: string): string[] {
  return ids.filter(id => id === topic || id.startsWith(`${topic} `))
}

/** The topics that the commands have, those of the table first and in its order. */
export function topicsOf(ids: readonly string[]): string[] {
  const there = new Set(ids.map(id => id.split(' ')[0]!))
  return [...Object.keys(topics).filter(topic => there.has(topic)), ...[...there].filter(topic => !Object.hasOwn(topics, topic)).sort()]
}
