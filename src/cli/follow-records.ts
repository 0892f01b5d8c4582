import { fieldsOf, listFieldNames, tableColumns, type RecordData } from '../contract/fields.js'
import { follow, type Following } from './following.js'
import { News, type Followed } from './news.js'
import { Refusal } from './refusal.js'
import { checkFields, type Look } from './render.js'
import { RowLines } from './row-lines.js'
import { writeOut } from './streams.js'

/** Refuses formats of which there is no end. @throws Refusal usage.argument */
export function checkFollowable(look: Look, flag: string): void {
  if (look.format !== 'json' && look.format !== 'yaml') return
  throw new Refusal('usage.argument', `${flag} cannot print ${look.format}: it is one document, and there is no end of it`, 'add -o jsonl: a record a line')
}

/**
 * Prints records a line each, as they come, until somebody ends it or so many were printed; the exit code. Nothing is lost and
 * nothing is told twice: it goes by the order in which the manager recorded them. @param ready is called once it listens
 */
export async function followRecords(following: Following, followed: Followed, look: Look, ready: (farm: string) => void): Promise<number> {
  checkFollowable(look, '--follow')
  checkFields(look.columns, Object.keys(fieldsOf(followed.kind)))
  const columns = look.columns ?? (look.format === 'table' || look.format === 'wide' ? tableColumns(followed.kind, look.format === 'wide') : listFieldNames(followed.kind))
  const lines = await RowLines.make(followed.kind, columns, look)
  const news = new News(following.manager, following.principal, followed, ['id', ...(followed.kind === 'job' ? ['state'] : []), ...columns])
  let left = followed.limit ?? Infinity
  let begun = false
  return follow({ ...following, endsItself: followed.limit !== null }, async notice => {
    const print = async (records: readonly RecordData[]) => {
      const shown = records.slice(0, left)
      left -= shown.length
      await writeOut(shown.map(record => lines.line(record)).join(''))
    }
    if (!begun) {
      begun = true
      await news.begin()
      await writeOut(lines.head)
      await news.earlier(print)
      ready(notice.farm)
    } else await news.next(print)
    return left > 0 ? 'more' : 'done'
  })
}
