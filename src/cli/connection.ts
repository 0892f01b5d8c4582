import type { FarmKeeper } from '../contract/farms.js'
import type { Manager } from '../contract/manager.js'
import type { RemoteDesk, RemoteLogin, RemotePlace } from '../contract/remote.js'
import type { ServiceKeeper } from '../contract/service.js'

/** How the command line reaches a manager and the farms of a home; main.ts says how, and loads nothing before it is asked. */
export interface Connectors {
  openManager(options: { home: string; farm: string | null }): Promise<Manager>
  /** A manager elsewhere. */
  openRemote(place: RemotePlace, login: RemoteLogin): Promise<Manager>
  /** Logins with managers elsewhere. */
  openDesk(): Promise<RemoteDesk>
  /** The managers of the farms of a home, as services. */
  openServices(home: string): Promise<ServiceKeeper>
  /** A command is done with a manager; who runs many commands keeps it open for the next. */
  releaseManager(manager: Manager): Promise<void>
  openKeeper(home: string): Promise<FarmKeeper>
  /** From now on managers stay open from one command to the next; what ends that, and closes them. */
  keepOpen(): Promise<() => Promise<void>>
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
