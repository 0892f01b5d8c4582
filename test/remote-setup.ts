import { beforeEach } from 'vitest'
import { differs } from './remote-differences.js'
import { isRemote } from './remote-farm.js'

// Only for the remote backend: leaves out what remote-differences.ts lists.
if (isRemote) beforeEach(({ task, skip }) => { const why = differs(task.file.filepath, task.name); if (why !== null) skip(why) })
