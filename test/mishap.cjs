// Preloaded into a process that writes a farm: at its n-th commit of something written it is killed, as by kill -9 (`kill before:3`,
// `kill after:3`), or from then on there is no room on the disk under its databases (`full 4`). OVMCLI_TEST_MISHAP says which; a
// manager, which commits before the command that is meant, finds it in the file that OVMCLI_TEST_MISHAP_FILE names, and counts from when it is there.
'use strict'
const fs = require('node:fs')
const Module = require('node:module')
const sqlite = require('@photostructure/sqlite')

const { OVMCLI_TEST_MISHAP: told, OVMCLI_TEST_MISHAP_FILE: file } = process.env
let commits = 0

/** What is to happen at which commit; null: nothing. */
function ordered() {
  const text = told ?? (file !== undefined && fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '')
  const [, kind, when, at] = /^(kill|full) (?:(before|after):)?(\d+)$/.exec(text) ?? []
  if (kind === undefined) commits = 0
  return kind === undefined ? null : { kind, when, at: Number(at) }
}

function kill() {
  // Whoever waits for the command is to know that it was this.
  if (file !== undefined) fs.writeFileSync(`${file}.struck`, '')
  process.kill(process.pid, 'SIGKILL')
}

class MishapDatabase extends sqlite.DatabaseSync {
  writing = false

  exec(sql) {
    if (sql.startsWith('begin')) this.writing = sql === 'begin immediate'
    const commit = sql === 'commit' && this.writing
    const order = commit || sql.includes('wal_checkpoint') ? ordered() : null
    if (order && commit) commits++
    if (order?.kind === 'full' && commits >= order.at) throw new Error('database or disk is full')
    const dies = commit && order?.kind === 'kill' && commits === order.at
    if (dies && order.when === 'before') kill()
    super.exec(sql)
    if (dies) kill()
  }
}

const load = Module._load
Module._load = (request, ...rest) => (request === '@photostructure/sqlite' ? { ...sqlite, DatabaseSync: MishapDatabase } : load(request, ...rest))
