// Types, lint rules, arrows between rooms, and whether the table of commands and what is written from it are what commands/ holds.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { install, root } from './setup.mjs'

install()
const node = (...words) => [process.execPath, words]
const bin = (name, ...words) => [join(root, 'node_modules', '.bin', name), words]
const checks = [bin('tsc', '--noEmit'), bin('oxlint', '--deny-warnings', 'src', 'commands', 'test', 'scripts', 'bin'), node('scripts/arrows.mjs'), node('scripts/command-table.mjs', '--check'), node('scripts/reference.mjs', '--check')]
for (const [command, words] of checks) {
  const { status } = spawnSync(command, words, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) process.exitCode = 1
}
