import { ImportCommand } from '../../src/cli/import-command.js'

export default class IsoImport extends ImportCommand {
  static override summary = 'bring an ISO in from outside'
  static override description = 'A utility server of the pool fetches an ISO from a URL or a path, counts and checks it, and it waits for somebody to approve it; it can be put into the drives of guests then. The file is taken as it is. What cannot be imported stays listed with the reason, and run retry goes on where it was cut.'
  static override usage = '<%= command.id %> NAME --pool POOL --url URL | --path PATH [FLAGS]'
  static override examples = [
    { description: 'A file of the utility server', command: 'printf x > /tmp/ovmcli-cd.iso && <%= config.bin %> iso import cd.iso --pool pool1 --path /tmp/ovmcli-cd.iso --os el5' },
    { description: 'Only if it is the very file', command: 'printf x > /tmp/ovmcli-cd.iso && <%= config.bin %> iso import cd2.iso --pool pool1 --path /tmp/ovmcli-cd.iso --checksum sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881' },
  ]
  static override flags = ImportCommand.importFlags
  protected readonly operation = 'iso.import'
}
