// The rooms of docs/architecture.md and which way their arrows point: who may import whom. Part of `npm run lint`.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Room → rooms it may import, beside itself and the packages of the registry. */
export const arrows = {
  commands: ['cli', 'contract'],
  classic: ['cli', 'contract', 'model'],
  cli: ['contract', 'disk', 'model'],
  contract: ['model'],
  embedded: ['contract', 'manager', 'store', 'agent', 'host', 'sim', 'disk', 'model'],
  wsapi: ['contract', 'model'],
  serve: ['contract', 'embedded', 'wsapi', 'manager', 'store', 'sim', 'disk', 'model'],
  remote: ['contract', 'wsapi', 'model'],
  manager: ['contract', 'store', 'agent', 'host', 'model'],
  store: ['disk', 'model'],
  agent: ['host', 'model'],
  host: ['model'],
  sim: ['host', 'store', 'model'],
  disk: ['model'],
  model: [],
}

/** The longest that a file of commands/ may be: past it, logic belongs in src/. */
const longestCommand = 120

/** What is wrong under a folder, a line each. @param {string} root @returns {string[]} */
export function findFaults(root) {
  return ['src', 'commands'].filter(folder => existsSync(join(root, folder))).flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts')).sort().flatMap(file => faultsOf(root, join(folder, file))))
}

/** The room of a file; '' for the composition root, the files right in src/. @param {string} file */
function roomOf(file) {
  const [top, room, ...rest] = file.split(sep)
  if (top === 'commands') return 'commands'
  return rest.length > 0 ? room : ''
}

function faultsOf(root, file) {
  const room = roomOf(file)
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  const faults = []
  const add = (line, what) => faults.push(`${file}:${line}: ${what}`)
  const name = file.split(sep).at(-1)
  if (/^(utils?|helpers?|common|misc|shared)\.ts$/.test(name)) add(1, `${name} hides what is inside`)
  if (room !== 'commands' && name === 'index.ts') add(1, 'a barrel costs start-up: import the file itself')
  if (room === 'commands' && lines.length > longestCommand) add(lines.length, `more than ${longestCommand} lines: move logic to src/`)
  lines.forEach((text, at) => {
    if (room !== 'commands' && /^export default\b/.test(text)) add(at + 1, 'default exports are for commands')
    for (const [, specifier] of text.matchAll(/(?<!\w\.)(?:from|import)\s*\(?\s*'([^']+)'/g)) checkImport(specifier, at + 1)
  })
  return faults

  function checkImport(specifier, line) {
    if (room === '') return
    if (!specifier.startsWith('.')) {
      if (room === 'model') add(line, `model knows nobody, and imports ${specifier}`)
      return
    }
    const target = roomOf(relative(root, normalize(join(root, dirname(file), specifier))))
    if (!(room in arrows)) add(line, `${room} is no room: add it to scripts/arrows.mjs and docs/architecture.md`)
    else if (target !== room && !arrows[room].includes(target)) add(line, `${room} → ${target || 'src'} (${specifier}) is no arrow; ${room} may import: ${arrows[room].join(', ') || 'nothing'}`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = findFaults(fileURLToPath(new URL('..', import.meta.url)))
  for (const fault of faults) console.error(fault)
  if (faults.length > 0) process.exitCode = 1
}
