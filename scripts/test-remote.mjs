// `npm run test:remote`: the user-level suite again, its commands going to served managers (test/remote-farm.ts). What is truly
// different is listed in test/remote-differences.ts.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

setup()
const words = process.argv.slice(2)
const { status } = spawnSync(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...(words.length > 0 ? words : ['test/user'])], { cwd: root, stdio: 'inherit', env: { ...process.env, OVMCLI_TEST_BACKEND: 'remote' } })
process.exitCode = status ?? 1
