import type { Default, Defaults } from './defaults.js'

/** The defaults of commands that another command runs: those of everybody, the global flags that it was given, and what it wants itself. */
export function passedOn(defaults: Defaults, given: Readonly<Record<string, unknown>>, own: Readonly<Record<string, string>>): Defaults {
  const { json, ...flags } = given
  const said = { ...flags, ...(json === undefined ? {} : { output: 'json' }), ...own }
  return new Map([...defaults, ...Object.entries(said).map(([name, value]): [string, Default] => [name, { texts: [String(value)], source: `--${name}` }])])
}
