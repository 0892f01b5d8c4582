import { ImportCommand } from '../../src/cli/import-command.js'

export default class ImageImport extends ImportCommand {
  static override summary = 'bring an image in from outside'
  static override description = 'A utility server of the pool fetches an image from a URL or a path, counts and checks it, and it waits for somebody to approve it; an image that is approved is a guest. A tar or tar.gz of a vm.cfg and its disks, a folder of these by its path, or a disk alone (with --type). What cannot be imported stays listed with the reason, and run retry goes on where it was cut.'
  static override usage = '<%= command.id %> NAME --pool POOL --url URL | --path PATH [FLAGS]'
  static override examples = [
    { description: 'A folder of the utility server', command: "mkdir -p /tmp/ovmcli-web && printf 'memory = 512\\ndisk = [\"file:System.img,xvda,w\"]\\n' > /tmp/ovmcli-web/vm.cfg && printf x > /tmp/ovmcli-web/System.img && <%= config.bin %> image import web --pool pool1 --path /tmp/ovmcli-web" },
    { description: 'A disk without a vm.cfg', command: 'printf x > /tmp/ovmcli-disk.img && <%= config.bin %> image import disk1 --pool pool1 --path /tmp/ovmcli-disk.img --type hvm --os windows2003' },
  ]
  static override flags = ImportCommand.guestImportFlags
  protected readonly operation = 'image.import'
}
