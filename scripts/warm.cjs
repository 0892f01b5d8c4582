// Makes the V8 code cache of the bundle: runs commands in one process, then keeps every function they compiled.
//   warm.cjs make BUNDLE CACHE COMMAND...      warm.cjs check BUNDLE CACHE
'use strict'
const { readFileSync, renameSync, writeFileSync } = require('node:fs')
const { createRequire, wrap } = require('node:module')
const { dirname } = require('node:path')
const v8 = require('node:v8')
const { Script } = require('node:vm')

const [task, bundle, cache, ...commands] = process.argv.slice(2)
const code = wrap(readFileSync(bundle, 'latin1'))

if (task === 'check') check()
else make()

async function make() {
  v8.setFlagsFromString('--no-flush-bytecode') // keep what was compiled, however long ago
  const script = new Script(code, { filename: bundle })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, dirname(bundle))
  for (const command of commands) await mustSucceed(module.exports.main, command)
  v8.setFlagsFromString('--flush-bytecode') // a cache is refused by a Node with other flags
  writeFileSync(`${cache}.half`, script.createCachedData())
  renameSync(`${cache}.half`, cache)
}

async function mustSucceed(main, command) {
  const said = []
  const restore = [silence(process.stdout, said), silence(process.stderr, said)]
  let exit
  try {
    exit = await main(command.split(' '))
  } catch (error) {
    exit = error.stack
  }
  for (const undo of restore) undo()
  if (exit === 0) return
  process.stderr.write(`build: \`ovmcli ${command}\` ended with ${exit}\n${said.join('')}`)
  process.exit(1)
}

function silence(stream, said) {
  const { write } = stream
  stream.write = (chunk, encoding, done) => {
    said.push(String(chunk))
    const callback = typeof encoding === 'function' ? encoding : done
    if (callback) process.nextTick(callback)
    return true
  }
  return () => {
    stream.write = write
  }
}

function check() {
  const script = new Script(code, { filename: bundle, cachedData: readFileSync(cache) })
  if (!script.cachedDataRejected) return
  process.stderr.write('build: a plain node refuses the code cache just made\n')
  process.exit(1)
}
