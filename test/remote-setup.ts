import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, inject } from 'vitest'
import { differs } from './remote-differences.js'
import { managersVariable, stopAll } from './remote-farm.js'

// Only for the remote backend: leaves out what remote-differences.ts lists, and ends the managers of a file with it.
process.env[managersVariable] = mkdtempSync(join(inject('farms'), '.managers-'))
afterAll(stopAll)
beforeEach(({ task, skip }) => { const why = differs(task.file.filepath, task.name); if (why !== null) skip(why) })
