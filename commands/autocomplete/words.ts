import { BaseCommand } from '../../src/cli/base-command.js'
import { answerShell } from '../../src/cli/completion-answer.js'
import { writeOut } from '../../src/cli/streams.js'

/** What the scripts of completion ask; src/main.ts knows a shorter way to the same answer. */
export default class AutocompleteWords extends BaseCommand {
  static override summary = 'the words that can stand at the cursor'
  static override description = "Asked by the shells' completion scripts. The first line says how to put them there (words, part, or file and how its name begins), the rest are the words."
  static override hidden = true
  static override output = 'none' as const
  static override strict = false

  async run(): Promise<number> {
    await writeOut(await answerShell(this.argv, this.defaults))
    return 0
  }
}
