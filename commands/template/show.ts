import { ShowCommand } from '../../src/cli/record-commands.js'

export default class TemplateShow extends ShowCommand {
  static override summary = 'show a template whole'
  static override description = 'Shows every field of what is named: by name, id or pool/name. One name gives an object, several an array.'
  static override usage = '<%= command.id %> NAME...'
  static override examples = ['<%= config.bin %> template show pool1/ol5u5-pv']
  protected readonly kind = 'template'
}
