import { BaseCommand } from '../../src/cli/base-command.js'
import { complete } from '../../src/cli/completion.js'
import { shellWord, typedLine } from '../../src/cli/completion-line.js'
import { lookUpWith } from '../../src/cli/completion-names.js'
import { scriptStamp } from '../../src/cli/completion-stamp.js'
import { program } from '../../src/cli/program.js'
import { writeOut } from '../../src/cli/streams.js'

/** What the scripts of completion ask: `-- SHELL STAMP BREAKS LINE WORD...`, the words up to the cursor, the program's name first. */
export default class AutocompleteWords extends BaseCommand {
  static override summary = 'the words that can stand at the cursor'
  static override description = "Asked by the shells' completion scripts. The first line says how to put them there (words, part, or file and how its name begins), the rest are the words."
  static override hidden = true
  static override output = 'none' as const
  static override strict = false

  async run(): Promise<number> {
    const [, shell, stamp, breaks = '', line = '', ...words] = this.argv
    try {
      const typed = typedLine(words, line, breaks)
      const { words: offered, open, file } = await complete(program().table, typed.words.slice(1), lookUpWith(this.defaults))
      const put = (word: string) => (shell === 'bash' && !typed.quoted ? shellWord(word.slice(typed.kept)) : word.slice(typed.kept))
      const isOld = stamp !== '-' && stamp !== scriptStamp() && (await (await import('../../src/cli/completion-scripts.js')).refreshScripts())
      const how = `${file !== null ? 'file' : open ? 'part' : 'words'}${isOld ? ' renewed' : ''}`
      // A line each: what holds a line break is not offered.
      await writeOut(`${[how, ...(file !== null ? [file] : offered.map(put))].filter(text => !/[\u0000-\u001f\u007f]/.test(text)).join('\n')}\n`)
    } catch (error) {
      // Somebody types: no farm, no permission, no home is no reason to disturb him.
      if (process.env['OVMCLI_DEBUG']) throw error
    }
    return 0
  }
}
