// Preloaded into a command: kills it, as kill -9 would, at its n-th commit of something written. OVMCLI_TEST_KILL is `before:3` or `after:3`.
'use strict'
const Module = require('node:module')
const sqlite = require('@photostructure/sqlite')

const [when, at] = process.env.OVMCLI_TEST_KILL.split(':')
let commits = 0
let writing = false

class MortalDatabase extends sqlite.DatabaseSync {
  exec(sql) {
    if (sql.startsWith('begin')) writing = sql === 'begin immediate'
    const dies = sql === 'commit' && writing && ++commits === Number(at)
    if (dies && when === 'before') process.kill(process.pid, 'SIGKILL')
    super.exec(sql)
    if (dies) process.kill(process.pid, 'SIGKILL')
  }
}

const load = Module._load
Module._load = (request, ...rest) => (request === '@photostructure/sqlite' ? { ...sqlite, DatabaseSync: MortalDatabase } : load(request, ...rest))
