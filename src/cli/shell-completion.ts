import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { complete } from './completion.js'
import { lookUpWith } from './completion-names.js'
import type { Defaults } from './defaults.js'
import type { Complete } from './prompt.js'
import { program } from './program.js'
import { splitWords } from './shell-words.js'

/** Completes a line of our own shell; `own` are the words that it understands beside the commands, of which `use` names a pool. */
export async function completeLine(line: string, defaults: Defaults, own: readonly string[]): ReturnType<Complete> {
  const { words, open } = splitWords(line)
  if (open === '\\') return [[], line]
  if (open === null && (line === '' || /\s$/.test(line))) words.push('')
  if (words.length > 1 && (words[0] === 'ovmcli' || words[0] === 'ovm')) words.shift()
  const last = words.at(-1)!
  const lookUp = lookUpWith(defaults)
  const offered = words.length === 2 && words[0] === 'use'
    ? { words: await lookUp({ names: 'pool' }, last, new Map()), open: false, file: null }
    : await complete(program().table, words, lookUp)
  const all = offered.file === null ? [...offered.words, ...(words.length === 1 ? own.filter(word => word.startsWith(last)) : [])] : filesLike(offered.file).map(file => last.slice(0, last.length - offered.file!.length) + file)
  const [only, ...others] = all
  // The shell only puts in what is missing behind the cursor: a closing quote and a blank too.
  return [only !== undefined && others.length === 0 && !offered.open && !only.endsWith('/') ? [`${only}${open ?? ''} `] : all, last]
}

/** The files whose paths begin so, folders with a slash. */
function filesLike(path: string): string[] {
  const folder = path.endsWith('/') ? path : path.includes('/') ? `${dirname(path)}/`.replace('//', '/') : ''
  const begun = path.slice(folder.length)
  try {
    return readdirSync(join(folder || '.'), { withFileTypes: true }).filter(entry => entry.name.startsWith(begun) && (begun !== '' || !entry.name.startsWith('.'))).map(entry => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
  } catch {
    return []
  }
}
