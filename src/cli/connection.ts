import { homedir } from 'node:os'
import { join } from 'node:path'
import type { FarmKeeper } from '../contract/farms.js'
import type { Manager } from '../contract/manager.js'

/** How the command line reaches a manager and the farms of a home; main.ts says how, and loads nothing before it is asked. */
export interface Connectors {
  openManager(options: { home: string; farm: string | null }): Promise<Manager>
  openKeeper(home: string): Promise<FarmKeeper>
}

let connectors: Connectors | null = null

/** Tells the command line how to reach what it works on. */
export function connectWith(given: Connectors): void {
  connectors = given
}

/** The connectors given by main.ts. */
export function connection(): Connectors {
  if (!connectors) throw new Error('no connectors were given')
  return connectors
}

/** Where farms are kept: OVMCLI_HOME, or the XDG data folder. */
export function homeFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env['OVMCLI_HOME'] || join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'ovmcli')
}
