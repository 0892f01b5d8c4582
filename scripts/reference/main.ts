import { commandTable } from '../../src/command-table.js'
import { manFiles } from './man.js'
import { referenceFiles } from './markdown.js'
import { schemaFiles } from './schemas.js'

/** The folders that hold nothing but what is written here. */
export const folders = ['docs/schema', 'docs/reference', 'man']

/** Every file that is written from the commands, by path; of package.json the list of man pages, for npm installs what it names. */
export async function generated(packageText: string): Promise<Map<string, string>> {
  const { name, version, description, license, type, bin, man: _, ...rest } = JSON.parse(packageText) as Record<string, unknown>
  const pages = await manFiles(commandTable, String(version))
  const ours = { name, version, description, license, type, bin, man: [...pages.keys()].sort(), ...rest }
  return new Map([...(await schemaFiles(commandTable)), ...(await referenceFiles(commandTable)), ...pages, ['package.json', `${JSON.stringify(ours, null, 2)}\n`]])
}
