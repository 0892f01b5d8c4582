// `npm run docs`: writes docs/schema, docs/reference, man and the list of man pages in package.json from the commands and tables of the code.
// `--check` only says whether what is there is what would be written. Part of `npm run lint`.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import * as esbuild from 'esbuild'
import { root } from './setup.mjs'

const { generated, folders } = await load()
const wanted = await generated(readFileSync(join(root, 'package.json'), 'utf8'))
const there = folders.flatMap(filesIn)
const stale = [...wanted].filter(([file, text]) => !existsSync(join(root, file)) || readFileSync(join(root, file), 'utf8') !== text)
const left = there.filter(file => !wanted.has(file))

if (process.argv.includes('--check')) {
  for (const file of [...stale.map(([name]) => name), ...left].slice(0, 5)) console.error(`${file} is not what the code says: run \`npm run docs\` and commit it`)
  if (stale.length + left.length > 0) process.exitCode = 1
} else {
  for (const [file, text] of stale) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  for (const file of left) rmSync(join(root, file))
  console.log(`${stale.length} written, ${left.length} removed, of ${wanted.size}`)
}

/** The generator, which is TypeScript like the commands that it reads: bundled into one file, as they are built, and thrown away again. Faster than tsx. */
async function load() {
  const file = join(root, 'scripts', `.reference-${process.pid}.cjs`)
  try {
    await esbuild.build({ absWorkingDir: root, entryPoints: ['scripts/reference/main.ts'], outfile: file, bundle: true, format: 'cjs', platform: 'node', target: 'node20', packages: 'external', define: { 'import.meta.url': 'undefined' }, logLevel: 'warning' })
    return createRequire(import.meta.url)(file)
  } finally {
    rmSync(file, { force: true })
  }
}

/** @param {string} folder @returns {string[]} */
function filesIn(folder) {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter(file => /\.\w+$/.test(file)).map(file => `${folder}/${file.split(sep).join('/')}`)
  } catch {
    return []
  }
}
