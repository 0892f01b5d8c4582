// Hostile command lines, or with --of wire hostile XML, by the thousand: npm run fuzz -- --cases 100000 --seed 7 --seconds 600
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { install, root } from './setup.mjs'

const { values: { of = 'cli', ...values } } = parseArgs({ options: { of: { type: 'string' }, cases: { type: 'string' }, seed: { type: 'string' }, seconds: { type: 'string' } } })
const test = { cli: 'test/cli/fuzz.test.ts', wire: 'test/wsapi/fuzz.test.ts' }[of]
if (!test) {
  console.error(`--of: ${JSON.stringify(of)} is neither cli nor wire`)
  process.exit(2)
}
for (const [name, text] of Object.entries(values)) {
  if (/^\d{1,9}$/.test(text ?? '')) continue
  console.error(`--${name}: ${JSON.stringify(text)} is not a whole number`)
  process.exit(2)
}
install()
const { cases = values.seconds ? '1000000000' : '100000', seed = String(Math.floor(Math.random() * 0x7fffffff)), seconds } = values
console.log(`seed ${seed}, ${seconds ? `for ${seconds} s` : `${cases} cases`}`)
const env = { ...process.env, OVMCLI_FUZZ_CASES: cases, OVMCLI_FUZZ_SEED: seed, ...(seconds ? { OVMCLI_FUZZ_SECONDS: seconds } : {}) }
const vitest = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', test, '--testTimeout=0', '--disableConsoleIntercept']
process.exitCode = spawnSync(process.execPath, vitest, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1
