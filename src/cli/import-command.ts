import * as Flags from '@oclif/core/flags'
import type { ImportDetails } from '../contract/details/imports.js'
import type { OperationOptions } from '../contract/requests.js'
import { vmTypes } from '../model/object-states.js'
import { operationWords } from '../model/operations.js'
import { MakingCommand } from './making-command.js'
import { Refusal } from './refusal.js'

const sourceFlags = {
  pool: Flags.string({ helpValue: 'POOL', required: true, description: 'into this pool' }),
  url: Flags.string({ helpValue: 'URL', description: 'from here: http, https or ftp; USER:PASSWORD@ where it wants to know who asks' }),
  path: Flags.string({ helpValue: 'PATH', description: 'from this path of the utility server: a file, or a folder with a vm.cfg' }),
  proxy: Flags.string({ helpValue: 'URL', description: 'ask a proxy for it: http://HOST:PORT' }),
  checksum: Flags.string({ helpValue: 'sha256:HEX', description: 'refuse anything else: sha256, sha512, sha1 or md5' }),
}

/** The base of verbs that bring something in from outside. */
export abstract class ImportCommand extends MakingCommand {
  static readonly importFlags = { ...sourceFlags, os: Flags.string({ helpValue: 'OS', description: 'its operating system (default: as its vm.cfg says)' }), ...MakingCommand.makingFlags }
  static readonly guestImportFlags = {
    ...sourceFlags, type: Flags.string({ options: vmTypes, description: 'its mode (default: as its vm.cfg says); needed for a disk that comes without one' }),
    os: ImportCommand.importFlags.os, ...MakingCommand.makingFlags,
  }

  protected override options(flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    const { url, path, proxy, checksum, type, os, pool } = flags as { url?: string; path?: string; proxy?: string; checksum?: string; type?: 'pv' | 'hvm'; os?: string; pool: string }
    const usage = `${operationWords(this.operation)} NAME --pool POOL --url URL`
    if (argv.length !== 1) throw new Refusal('usage.argument', argv.length === 0 ? 'name what is imported' : `one name was expected, not ${argv.length}`, `write ${usage}`)
    if ((url === undefined) === (path === undefined)) throw new Refusal('usage.argument', url === undefined ? 'where it is to come from was not said' : '--url and --path exclude each other', `write ${usage}, or --path PATH`)
    const details: ImportDetails = { name: argv[0]!, pool, source: url === undefined ? { path: path! } : { url }, proxy: proxy ?? null, checksum: checksum ?? null, type: type ?? null, os: os ?? null }
    return { details }
  }
}
