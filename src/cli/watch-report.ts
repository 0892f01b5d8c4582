import type { Following } from './following.js'
import { ListChanges } from './list-changes.js'
import { renderReport } from './report-view.js'
import type { Look } from './render.js'
import { watch } from './watch.js'

/** `run show --watch`: a report again whenever it changes; as JSON lines the items that did. */
export function watchReport(following: Following, command: string, run: string, look: Look): Promise<number> {
  const { manager, principal } = following
  const changes = new ListChanges(look.columns)
  return watch(following, look, command, async now => {
    const report = await manager.runReport({ principal, run, follows: true })
    return now.format === 'jsonl' ? changes.next(report.items.map(item => ({ id: JSON.stringify(item.id), text: JSON.stringify(item) }))) : renderReport(report, now, true)
  })
}
