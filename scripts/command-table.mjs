// Writes src/command-table.ts: the tree of commands is the tree of files under commands/.
// `--check` only says whether it is up to date.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** @param {string} [under] the project's folder */
export function commandTable(under = root) {
  const rows = commandFiles(under).map((file) => `  '${commandId(file)}': () => import('../commands/${file}.js'),\n`)
  return `// Written by scripts/command-table.mjs from the files under commands/: do not edit.
export const commandTable: Record<string, () => Promise<{ default: unknown }>> = {
${rows.join('')}}
`
}

/** Writes the table when it has changed. */
export function writeCommandTable() {
  const file = join(root, 'src', 'command-table.ts')
  const text = commandTable()
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
}

/** @param {string} under @returns {string[]} such as `vm/start`, in an order no locale changes */
function commandFiles(under) {
  const folder = join(under, 'commands')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.split(sep).join('/').slice(0, -'.ts'.length))
    .sort()
}

/** `vm/start` is `vm start`, `vm/index` is `vm`. @param {string} file */
function commandId(file) {
  return file.replace(/\/index$/, '').replaceAll('/', ' ')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes('--check')) writeCommandTable()
  else if (readFileSync(join(root, 'src', 'command-table.ts'), 'utf8') !== commandTable()) {
    console.error('src/command-table.ts is not what commands/ holds: run `npm run build` and commit it')
    process.exitCode = 1
  }
}
