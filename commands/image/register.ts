import { RegisterCommand } from '../../src/cli/register-command.js'

export default class ImageRegister extends RegisterCommand {
  static override summary = 'record an image that lies in a repository already'
  static override description = 'Records an image that lies in a repository of a pool and that the manager does not know; it waits for somebody to approve it. Without a name it lists what could be registered.'
  static override usage = '<%= command.id %> [NAME] --pool POOL [FLAGS]'
  static override examples = [
    { description: 'What could be registered', command: '<%= config.bin %> image register --pool pool1' },
    { description: 'One of these', command: '<%= config.bin %> image register ol5u5-extra --pool pool1' },
  ]
  static override flags = RegisterCommand.registerFlags
  protected readonly operation = 'image.register'
  protected readonly kind = 'image'
}
