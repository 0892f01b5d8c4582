import * as v from 'valibot'
import { described } from './described.js'

/** A flag of a command, as `ovmcli commands` describes it. */
export const flagFactsShape = v.strictObject({
  name: v.string(),
  char: described(v.nullable(v.string()), 'its one-letter form'),
  type: described(v.picklist(['option', 'boolean']), 'option: it takes a value'),
  value: described(v.nullable(v.string()), 'what its value is: N, DURATION, POOL …'),
  options: described(v.nullable(v.array(v.string())), 'the values it can have; null: any'),
  default: v.nullable(v.union([v.string(), v.number(), v.boolean()])),
  required: v.boolean(),
  multiple: described(v.boolean(), 'it may be given more than once'),
  env: described(v.nullable(v.string()), 'the environment variable that its default comes from'),
  group: described(v.nullable(v.string()), 'the heading it stands under in help; null: it is this command\'s own'),
  global: described(v.boolean(), 'every command takes it'),
  description: v.string(),
})

/** An example of a command: what to type, and what it is good for. */
export const exampleShape = v.strictObject({ description: v.nullable(v.string()), command: v.string() })

/** A command of ovmcli: all that help, man pages, reference and completion say of it. */
export const commandShape = v.strictObject({
  id: described(v.string(), 'its words: vm start'),
  topic: v.string(),
  verb: described(v.nullable(v.string()), 'null where the topic is the whole command'),
  summary: v.string(),
  description: v.string(),
  usage: v.string(),
  acts: described(v.boolean(), 'it changes something; what does not is safe at any time'),
  output: described(v.nullable(v.string()), 'the schema of its JSON, docs/schema/NAME.json; null: it has none'),
  lines: described(v.boolean(), 'that is the schema of each line: it prints JSON lines'),
  aliases: described(v.array(v.string()), 'other words for the same'),
  flags: v.array(flagFactsShape),
  examples: v.array(exampleShape),
  exampleFarm: described(v.array(v.string()), 'commands that make a fresh figure-8 farm ready for the examples'),
})

/** Facts of a flag. */
export type FlagFacts = v.InferOutput<typeof flagFactsShape>
/** Facts of a command. */
export type CommandFacts = v.InferOutput<typeof commandShape>

/** How a shell gets to know the completion. */
export const completionSetupShape = v.strictObject({
  shell: v.picklist(['bash', 'zsh']),
  line: described(v.string(), 'what its start-up file is to hold'),
  setup: described(v.string(), 'the script that the line reads'),
})
