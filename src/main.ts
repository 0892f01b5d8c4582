import pjson from '../package.json' with { type: 'json' }
import { connectWith } from './cli/connection.js'
import { route } from './cli/router.js'
import { commandTable } from './command-table.js'

/** Runs one command line; the exit code. The rooms behind the command line are loaded when a command reaches for them. */
export async function main(argv: string[]): Promise<number> {
  connectWith({
    openManager: async options => (await import('./embedded/open.js')).openManager(options),
    releaseManager: manager => manager.close(),
    openKeeper: async home => (await import('./embedded/open.js')).openKeeper(home),
  })
  return route(commandTable, argv, pjson.version)
}
