import * as Flags from '@oclif/core/flags'
import { storageKinds } from '../model/object-states.js'
import { passwordOf } from './password-file.js'
import { Refusal } from './refusal.js'

/** A server that is to be taken into a pool; without an address it is reached by its name. */
export interface NamedServer { name: string; address: string | null }

/** Flags that say where a server is, and how its agent lets itself be spoken to. */
export const newcomerFlags = {
  address: Flags.string({ helpValue: 'ADDRESS', description: 'where the server is: an IPv4 address or host name (default: its name)' }),
  'agent-password-file': Flags.string({ helpValue: 'FILE', description: "the first line is the password of the server's agent" }),
  force: Flags.boolean({ description: 'also when the server belongs to another manager: takes it' }),
}

/** Flags that say how a pool is to be. */
export const shapeFlags = {
  storage: Flags.string({ helpValue: 'STORAGE', options: [...storageKinds], description: 'where it keeps its guests' }),
  ha: Flags.boolean({ allowNo: true, description: 'high availability: guests that want it are started elsewhere when their server fails' }),
  'virtual-ip': Flags.string({ helpValue: 'ADDRESS', description: 'address of whichever server is the master' }),
}

/** Servers as they were written: NAME, or NAME=ADDRESS; --address is for the only one. @throws Refusal usage.argument */
export function namedServers(written: readonly string[], address: string | null): NamedServer[] {
  if (address !== null && written.length !== 1) throw new Refusal('usage.argument', `--address goes with one server, not with ${written.length}`, 'write several as NAME=ADDRESS')
  return written.map(text => {
    const at = text.indexOf('=')
    if (at >= 0 && address !== null) throw new Refusal('usage.argument', `two addresses for server ${text.slice(0, at)}`, 'write NAME=ADDRESS or give --address, not both')
    return at < 0 ? { name: text, address } : { name: text.slice(0, at), address: text.slice(at + 1) }
  })
}

/** The password that --agent-password-file names; null without. */
export function agentPassword(file: string | undefined, tell: (line: string) => void): string | null {
  return file === undefined ? null : passwordOf(file, '--agent-password-file', tell)
}
