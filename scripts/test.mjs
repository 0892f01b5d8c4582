// `npm test` from a fresh clone: packages, build, lint, all tests. The last line is the count.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

setup()
const run = (command, words) => spawnSync(command, words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status
const folder = mkdtempSync(join(tmpdir(), 'ovmcli-tests-'))
const results = join(folder, 'results.json')
try {
  const linted = run(process.execPath, [join(root, 'scripts', 'lint.mjs')]) === 0
  const status = run(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`, ...process.argv.slice(2)])
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(results, 'utf8'))
  if (!linted) console.error('lint failed')
  if (!linted || status !== 0) process.exitCode = 1
  console.log(`${numPassedTests + (linted ? 1 : 0)} passed, ${numFailedTests + (linted ? 0 : 1)} failed`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
