import type { CommonFlags } from './base-command.js'
import type { Default, Defaults } from './defaults.js'

/** Global flags that a command which runs others hands on to them, when it was given them. */
const handedOn = ['user', 'farm', 'timeout', 'verbose', 'quiet', 'no-color', 'no-header', 'columns'] as const

/** The defaults of commands that another command runs: those of everybody, the flags it was given, and what it wants itself. */
export function passedOn(defaults: Defaults, flags: CommonFlags, own: Readonly<Record<string, string>>): Defaults {
  const given = handedOn.flatMap((name): [string, Default][] => (flags[name] === undefined ? [] : [[name, { texts: [String(flags[name])], source: `--${name}` }]]))
  return new Map([...defaults, ...given, ...Object.entries(own).map(([name, text]): [string, Default] => [name, { texts: [text], source: `--${name}` }])])
}
