// `npm start` from a fresh clone: sets up what is missing, then the main job, in a home that is thrown away.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

setup()
const home = mkdtempSync(join(tmpdir(), 'ovmcli-tour-'))
const env = { ...process.env, OVMCLI_HOME: home }
const bin = join(root, 'bin', 'run.js')

/** Runs one command as it is printed; fails the tour when it does not end as expected. */
function show(words, expected = 0, input = '') {
  console.log(`\n$ ${input === '' ? '' : `printf '${input.replaceAll('\n', '\\n')}' | `}ovmcli ${words.map(word => (/[^\w./:=-]/.test(word) ? `'${word}'` : word)).join(' ')}`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...words], { env, encoding: 'utf8', input })
  process.stdout.write(stdout + stderr)
  if (status !== 0) console.log(`(exit ${status})`)
  if (status !== expected) throw new Error(`ovmcli ${words.join(' ')} ended with ${status}, not ${expected}`)
  return stdout
}

try {
  show(['sim', 'create', '--preset', 'figure-8'])
  show(['farm', 'status'])
  show(['vm', 'start', '--pool', 'pool1'])
  show(['vm', 'list'])
  show(['farm', 'topology'])
  show(['vm', 'migrate', 'vm1', '--to', 'auto', '-v'])
  show(['vm', 'stop', 'vm1', 'vm2'], 5)
  show(['vm', 'migrate', 'vm7', '--to', 'ovs1'], 5)
  show(['vm', 'list', '-o', 'json', '--query', '[?server==`ovs2`].{name: name, state: state}'])
  show(['batch', '-q'], 6, 'vm show vm3 --columns name,state\nvm show nobody\n')
  const vms = JSON.parse(show(['vm', 'list', '--columns', 'name,server,state', '-o', 'json']))
  console.log('\nThe same JSON, picked apart by a small script: guests by state')
  const counts = {}
  for (const { state } of vms) counts[state] = (counts[state] ?? 0) + 1
  console.log(counts)
} finally {
  rmSync(home, { recursive: true, force: true })
}
