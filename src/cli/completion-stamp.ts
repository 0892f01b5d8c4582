import { program } from './program.js'

/** Names what the scripts of completion were made from: they hold the commands of one version. */
export function scriptStamp(): string {
  const { table, version } = program()
  // A version in the making has many sets of commands.
  let hash = 7
  for (const char of Object.keys(table).join()) hash = (hash * 31 + char.charCodeAt(0)) % 0xffffffff
  return `${version}-${hash.toString(36)}`
}
