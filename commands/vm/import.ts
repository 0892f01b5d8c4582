import { ImportCommand } from '../../src/cli/import-command.js'

export default class VmImport extends ImportCommand {
  static override summary = 'bring a guest in from outside'
  static override description = 'Imports an image and approves it in one go: the guest is there, off, when its files are. A tar or tar.gz of a vm.cfg and its disks, a folder of these by its path, or a disk alone (with --type). What cannot be imported stays among the images with the reason, and run retry goes on where it was cut.'
  static override usage = '<%= command.id %> NAME --pool POOL --url URL | --path PATH [FLAGS]'
  static override examples = [
    { description: 'A folder of the utility server', command: "mkdir -p /tmp/ovmcli-web && printf 'memory = 512\\ndisk = [\"file:System.img,xvda,w\"]\\n' > /tmp/ovmcli-web/vm.cfg && printf x > /tmp/ovmcli-web/System.img && <%= config.bin %> vm import web --pool pool1 --path /tmp/ovmcli-web" },
    { description: 'Whether it could be, without bringing it', command: 'printf x > /tmp/ovmcli-disk.img && <%= config.bin %> vm import disk1 --pool pool2 --path /tmp/ovmcli-disk.img --type pv --dry-run' },
  ]
  static override flags = ImportCommand.guestImportFlags
  protected readonly operation = 'vm.import'
}
