#!/usr/bin/env node
'use strict'
// The way in. Compiling the program costs more than running most commands, so it is one file,
// compiled ahead into V8 code caches: the build's own, or, for another Node, those kept by first runs.
const argv = process.argv.slice(2)

if (argv.length === 1 && argv[0] === '--version') {
  const { version } = require('../package.json')
  process.stdout.on('error', (error) => {
    if (error.code === 'EPIPE') return
    process.exitCode = 8
    process.stderr.on('error', () => {})
    process.stderr.write(`Error: standard output could not be written: ${error.message}\nCode: output.write (exit 8)\n`)
  })
  process.stdout.write(`ovmcli/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else {
  run()
}

function run() {
  const fs = require('node:fs')
  const path = require('node:path')
  const vm = require('node:vm')

  const dist = path.join(__dirname, '..', 'dist')
  const filename = path.join(dist, 'ovmcli.cjs')
  const source = read(filename, 'latin1') // the bundle is plain ASCII
  if (source === undefined) {
    process.stderr.write('ovmcli is not built: run `npm run build`\n')
    process.exitCode = 1
    return
  }

  // A cache fits one build and one Node. V8 itself only compares the source's length, so the name carries the build.
  const build = /^\/\/ ovmcli (\S+)/.exec(source)?.[1]
  const cacheName = `${build}-${kindOf(argv)}-${process.version}-${process.arch}.cache`
  const code = require('node:module').wrap(source)
  const ready = fromCache(dist) ?? fromCache(cacheFolder())
  const script = ready ?? new vm.Script(code, { filename })

  const module = { exports: {} }
  script.runInThisContext()(module.exports, require, module, filename, dist)
  module.exports.main(argv).then((exitCode) => {
    process.exitCode = exitCode
    if (ready === undefined) keep(script, cacheFolder())
  })

  function fromCache(folder) {
    const cachedData = read(path.join(folder, cacheName))
    if (cachedData === undefined) return undefined
    const script = new vm.Script(code, { filename, cachedData })
    return script.cachedDataRejected ? undefined : script
  }

  // At best: a read-only home or a full disk costs speed, never the command.
  function keep(script, folder) {
    const half = path.join(folder, `${cacheName}.${process.pid}`)
    try {
      // Not `recursive`: where a file system will not have the folder, Node 20 would try for ever.
      for (const each of [path.dirname(folder), folder]) if (!fs.existsSync(each)) fs.mkdirSync(each, 0o700)
      fs.writeFileSync(half, script.createCachedData(), { mode: 0o600 })
      fs.renameSync(half, path.join(folder, cacheName))
    } catch {
      fs.rm(half, { force: true }, () => {})
    }
  }

  function cacheFolder() {
    const base = process.env.XDG_CACHE_HOME || path.join(require('node:os').homedir(), '.cache')
    return path.join(base, 'ovmcli')
  }

  function read(file, encoding) {
    try {
      return fs.readFileSync(file, encoding)
    } catch {
      return undefined
    }
  }
}

// Reading a cache costs by what is in it: looking, acting and completing have smaller ones than everything.
function kindOf(words) {
  if (words[0] === 'autocomplete' && words[1] === 'words') return 'tab'
  if (words.some((word) => word === 'help' || word === '--help' || word === '-h')) return 'all'
  if (words.some((word) => /^(list|ls|show|info|status)$/.test(word))) return 'look'
  return words.some((word) => /^(vm|server|svr|run)$/.test(word)) ? 'act' : 'all'
}
