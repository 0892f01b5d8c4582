import pjson from '../package.json' with { type: 'json' }
import { connectWith, type Connectors } from './cli/connection.js'
import { programIs } from './cli/program.js'
import { route } from './cli/router.js'
import { commandTable } from './command-table.js'

/** The ways to a manager and to the farms; the rooms behind the command line are loaded when a command reaches for them. */
const connectors: Connectors = {
  openManager: async options => (await import('./embedded/open.js')).openManager(options),
  releaseManager: manager => manager.close(),
  openKeeper: async home => (await import('./embedded/keeper.js')).openKeeper(home),
  keepOpen: async () => {
    const { KeptManagers } = await import('./embedded/kept-managers.js')
    const kept = new KeptManagers()
    connectWith({ ...connectors, openManager: options => kept.open(options), releaseManager: async () => {} })
    return async () => {
      connectWith(connectors)
      await kept.close()
    }
  },
}

/** Runs one command line; the exit code. */
export async function main(argv: string[]): Promise<number> {
  connectWith(connectors)
  programIs({ table: commandTable, version: pjson.version, wantsNode: pjson.engines.node })
  if (argv[0] === 'autocomplete' && argv[1] === 'words') return (await import('./cli/completion-answer.js')).answerAtOnce(argv.slice(2))
  return route(argv)
}
