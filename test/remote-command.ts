import { realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { managersVariable, remotely } from './remote-farm.js'

// Preloaded, as one file (remote-setup.ts), into every process that a test of the user-level suite starts: where that is the program, its command goes to a served manager.

const bin = join(fileURLToPath(new URL('..', import.meta.url)), 'bin', 'run.js')
const [, program, ...argv] = process.argv
if (program !== undefined && realpathSync(program) === bin) {
  const isClassic = basename(program) === 'ovm' && ['-u', '-p', 'config'].includes(argv[0]!)
  const aimed = remotely(argv, process.env, isClassic)
  process.argv.splice(2, argv.length, ...aimed.argv)
  for (const [name, value] of Object.entries({ ...aimed.env, [managersVariable]: null, NODE_OPTIONS: null })) {
    if (value === null) delete process.env[name]
    else process.env[name] = value
  }
}
