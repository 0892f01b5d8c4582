// Preloaded into a command: from its n-th commit of something written (OVMCLI_TEST_FULL) on there is no room on the disk under its databases.
'use strict'
const Module = require('node:module')
const sqlite = require('@photostructure/sqlite')

let commits = 0
let writing = false

class FullDatabase extends sqlite.DatabaseSync {
  exec(sql) {
    if (sql.startsWith('begin')) writing = sql === 'begin immediate'
    if (sql === 'commit' && writing) commits++
    if ((sql === 'commit' && writing || sql.includes('wal_checkpoint')) && commits >= Number(process.env.OVMCLI_TEST_FULL)) throw new Error('database or disk is full')
    super.exec(sql)
  }
}

const load = Module._load
Module._load = (request, ...rest) => (request === '@photostructure/sqlite' ? { ...sqlite, DatabaseSync: FullDatabase } : load(request, ...rest))
