import { writeSync } from 'node:fs'
import { complete } from './completion.js'
import { shellWord, typedLine } from './completion-line.js'
import { lookUpWith } from './completion-names.js'
import { scriptStamp } from './completion-stamp.js'
import { noDefaults, readDefaults, type Defaults } from './defaults.js'
import { program } from './program.js'

/**
 * The answer to a shell's completion script: a line that says how to put the words there (`words`; `part`, nothing behind it;
 * `file`, with how its name begins), with ` renewed` when the script was an old one, and a line each. Empty where anything is
 * amiss: somebody types, and no farm, no permission, no home is no reason to disturb him.
 * @param asked `-- SHELL STAMP BREAKS LINE WORD...`, the words up to the cursor, the program's name first
 */
export async function answerShell(asked: readonly string[], defaults: Defaults): Promise<string> {
  const [, shell, stamp, breaks = '', line = '', ...words] = asked
  try {
    const typed = typedLine(words, line, breaks)
    const { words: offered, open, file } = await complete(program().table, typed.words.slice(1), lookUpWith(defaults))
    const put = (word: string) => (shell === 'bash' && !typed.quoted ? shellWord(word.slice(typed.kept)) : word.slice(typed.kept))
    const isOld = stamp !== undefined && stamp !== '-' && stamp !== scriptStamp() && (await (await import('./completion-scripts.js')).refreshScripts())
    const how = `${file !== null ? 'file' : open ? 'part' : 'words'}${isOld ? ' renewed' : ''}`
    // A line each: what holds a line break is not offered.
    return `${[how, ...(file !== null ? [file] : offered.map(put))].filter(text => !/[\u0000-\u001f\u007f]/.test(text)).join('\n')}\n`
  } catch (error) {
    if (process.env['OVMCLI_DEBUG']) throw error
    return ''
  }
}

/**
 * Answers at once, past the router and the parser, and writes without Node's streams, which take longer to set up than names to
 * look up: somebody waits for his Tab. The exit code is 0, come what may.
 */
export async function answerAtOnce(asked: readonly string[]): Promise<number> {
  try {
    writeSync(1, await answerShell(asked, await readDefaults().catch(() => noDefaults)))
  } catch (error) {
    if (process.env['OVMCLI_DEBUG']) throw error
  }
  return 0
}
