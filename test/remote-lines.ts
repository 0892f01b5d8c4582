import { quoted, splitWords } from '../src/cli/shell-words.js'
import { remotely } from './remote-farm.js'

/**
 * A line of a batch whose commands go to a served manager as one user: one that names another goes by his login, and one about farms of
 * this machine says so. All others are as they are.
 */
export function remoteLine(line: string, farm: string, env: NodeJS.ProcessEnv): string {
  const { words, open } = splitWords(line)
  const own = words[0] === 'ovmcli' || words[0] === 'ovm' ? words.slice(1) : words
  const isLocal = own[0] === 'sim' && own[1] !== 'clock'
  if (open !== null || own.includes('--farm') || own.includes('--') || !(isLocal || own.some(word => /^(-u|--user)(=|$)/.test(word)))) return line
  return (isLocal ? [...own, '--farm', farm] : remotely(own, env).argv).map(quoted).join(' ')
}
