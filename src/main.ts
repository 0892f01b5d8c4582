import pjson from '../package.json' with { type: 'json' }
import { connectWith, type Connectors } from './cli/connection.js'
import type { Manager } from './contract/manager.js'
import { programIs } from './cli/program.js'
import { route } from './cli/router.js'
import { commandTable } from './command-table.js'

/** The ways to a manager and to the farms; the rooms behind the command line are loaded when a command reaches for them. */
const connectors: Connectors = {
  openManager: async options => (await import('./embedded/open.js')).openManager(options),
  openRemote: async (place, login) => (await import('./remote/desk.js')).remoteDesk.open(place, login),
  openDesk: async () => (await import('./remote/desk.js')).remoteDesk,
  openServices: async home => (await import('./serve/keeper.js')).openServiceKeeper(home),
  releaseManager: manager => manager.close(),
  openKeeper: async home => (await import('./embedded/keeper.js')).openKeeper(home),
  keepOpen: async () => {
    const { KeptManagers } = await import('./embedded/kept-managers.js')
    const kept = new KeptManagers()
    const remote = new Map<string, Manager>()
    const openRemote: Connectors['openRemote'] = async (place, login) => {
      const key = JSON.stringify([place, 'token' in login ? login.token : login.user])
      const found = remote.get(key) ?? (await connectors.openRemote(place, login))
      remote.set(key, found)
      return found
    }
    connectWith({ ...connectors, openManager: options => kept.open(options), openRemote, releaseManager: async () => {} })
    return async () => {
      connectWith(connectors)
      for (const manager of remote.values()) await manager.close()
      await kept.close()
    }
  },
}

/** Runs one command line; the exit code. */
export async function main(argv: string[]): Promise<number> {
  connectWith(connectors)
  programIs({ table: commandTable, version: pjson.version, wantsNode: pjson.engines.node })
  if (isClassic(argv)) return (await import('./classic/speak.js')).speakClassic(argv)
  if (argv[0] === 'autocomplete' && argv[1] === 'words') return (await import('./cli/completion-answer.js')).answerAtOnce(argv.slice(2))
  return route(argv)
}

/** Whether a line is in the spelling of 2.2 (docs/classic.md): the program was called `ovm`, and the first word is one of three. */
function isClassic([first]: readonly string[]): boolean {
  return (first === '-u' || first === '-p' || first === 'config') && /(^|[\\/])ovm$/.test(process.argv[1] ?? '')
}
