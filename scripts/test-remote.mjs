// `npm run test:remote`: the user-level suite again, its commands going to served managers (test/remote-farm.ts). What is truly
// different is listed in test/remote-differences.ts.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

/** Files whose commands are about the program itself, or that run them in the process of the test. */
const aboutTheProgram = ['examples', 'pages', 'completion', 'moving', 'dumb-terminal', 'hostile-surroundings', 'serving', 'profiles']

setup()
const words = process.argv.slice(2)
const { status } = spawnSync(process.execPath, [
  join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...(words.length > 0 ? words : ['test/user']), ...aboutTheProgram.flatMap(name => ['--exclude', `test/user/${name}.test.ts`]),
], { cwd: root, stdio: 'inherit', env: { ...process.env, OVMCLI_TEST_BACKEND: 'remote' } })
process.exitCode = status ?? 1
