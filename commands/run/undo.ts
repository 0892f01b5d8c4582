import { UndoCommand } from '../../src/cli/undo-command.js'

export default class RunUndo extends UndoCommand {
  static override summary = 'take back what a run changed'
  static override description = 'Begins a new run that takes back what another really did: what it started is stopped, what it moved goes back, what it made is deleted. What failed or was so already is left alone. First it says what cannot be taken back; it always asks. What somebody changed since is not overrun: the rules hold as ever.'
  static override usage = '<%= command.id %> RUN [FLAGS]'
  static override examples = [
    { description: 'The latest', command: '<%= config.bin %> run undo $(ovmcli run list -o name --sort startedAt:desc --limit 1) --yes' },
    { description: 'What it would do', command: '<%= config.bin %> run undo $(ovmcli run list -o name --limit 1) --dry-run' },
  ]
  static override exampleFarm = ['vm start --pool pool1']
  static override flags = UndoCommand.undoFlags
}
