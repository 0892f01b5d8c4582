import type { ChangeNotice } from '../contract/manager.js'
import { follow, type Ear, type Following } from './following.js'
import { Refusal } from './refusal.js'
import type { Look } from './render.js'
import { canRedraw, Screen } from './screen.js'
import { printable, writeOut } from './streams.js'

/** Refuses formats that a reader could not tell one round from the next in; jsonl can be read line by line. @throws Refusal usage.argument */
export function checkWatchable(look: Look, flag: string): void {
  if (look.format === 'jsonl' || look.format === 'table' || look.format === 'wide' || canRedraw()) return
  throw new Refusal('usage.argument', `${flag} cannot print ${look.format}: ${look.format === 'csv' || look.format === 'name' ? 'nobody could tell where a round ends' : 'it is one document, and there is no end of it'}`, 'add -o jsonl: a line for every record that is new or changed')
}

/**
 * Shows something again whenever it may have changed (`--watch`): on a terminal in place, under a line with the farm's time and the
 * `command`; elsewhere a round whose text is another is printed, apart from the last by a blank line, or, as jsonl, as it is.
 */
export async function watch(following: Following, look: Look, command: string, render: (look: Look) => Promise<string>): Promise<number> {
  checkWatchable(look, '--watch')
  if (look.format === 'jsonl') return follow(following, async () => { await writeOut(await render(look)); return 'more' })
  return canRedraw() ? drawn(following, look, command, render) : printed(following, () => render(look))
}

async function drawn(following: Following, look: Look, command: string, render: (look: Look) => Promise<string>): Promise<number> {
  let ear: Ear | null = null
  const screen = new Screen(() => ear?.lookAgain())
  screen.open()
  try {
    return await follow(following, async (notice, listening) => {
      ear = listening
      await screen.draw(`${headOf(notice, command)}\n\n${await render({ ...look, width: look.width === null ? null : screen.width })}`)
      return 'more'
    })
  } finally {
    await screen.close()
  }
}

function headOf({ farm, time }: ChangeNotice, command: string): string {
  return `${time}  ${printable(farm)}  ${printable(command)}`
}

async function printed(following: Following, render: () => Promise<string>): Promise<number> {
  let last: string | null = null
  return follow(following, async () => {
    const text = await render()
    if (text !== last) await writeOut(`${last === null ? '' : '\n'}${text}`)
    last = text
    return 'more'
  })
}
