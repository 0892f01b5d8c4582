import { RegisterCommand } from '../../src/cli/register-command.js'

export default class TemplateRegister extends RegisterCommand {
  static override summary = 'record a template that lies in a repository already'
  static override description = 'Records a template that lies in a repository of a pool and that the manager does not know; it waits for somebody to approve it. Without a name it lists what could be registered.'
  static override usage = '<%= command.id %> [NAME] --pool POOL [FLAGS]'
  static override examples = [
    { description: 'What could be registered', command: '<%= config.bin %> template register --pool pool1' },
    { description: 'One of these', command: '<%= config.bin %> template register ol5u5-extra --pool pool1' },
  ]
  static override flags = RegisterCommand.registerFlags
  protected readonly operation = 'template.register'
  protected readonly kind = 'template'
}
