import { homedir, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { Refusal } from '../model/errors.js'

/** Where farms are kept: OVMCLI_HOME, or the XDG data folder. @throws Refusal usage.config where there is no home at all */
export function homeFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env['OVMCLI_HOME'] || join(env['XDG_DATA_HOME'] || join(userHome(), '.local', 'share'), 'ovmcli')
}

/** Where the configuration is kept: OVMCLI_CONFIG_HOME, or `config` in OVMCLI_HOME when that is set, or the XDG config folder. @throws Refusal usage.config */
export function configFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env['OVMCLI_CONFIG_HOME']) return env['OVMCLI_CONFIG_HOME']
  return env['OVMCLI_HOME'] ? join(env['OVMCLI_HOME'], 'config') : join(env['XDG_CONFIG_HOME'] || join(userHome(), '.config'), 'ovmcli')
}

/** Where what can be made anew is kept: bin/run.js keeps its code caches there, completion its scripts. @throws Refusal usage.config */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(userHome(), '.cache'), 'ovmcli')
}

/** The user's home: HOME may be unset or empty (cron, containers), and an account may have none. */
function userHome(): string {
  for (const home of [homedir, () => userInfo().homedir]) {
    try {
      if (isAbsolute(home())) return home()
    } catch {
      // No such account: the next way, or none.
    }
  }
  throw new Refusal('usage.config', 'there is no home folder: HOME is not set, and the account has none', 'set OVMCLI_HOME to a folder that you may read and write')
}
