import { Refusal } from '../model/errors.js'
import { connection } from './connection.js'
import { homeFolder } from './places.js'
import { currentProfile } from './profiles.js'
import { printable, writeOut } from './streams.js'

/** Says how to make a first farm and what to try with it, while the home has none, and no profile is in use. A home that cannot be read is for `doctor`. */
export async function showFirstUse(): Promise<void> {
  let home: string
  try {
    home = homeFolder()
    if (currentProfile() !== null || (await connection().openKeeper(home)).names().length > 0) return
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return
  }
  await writeOut(`
There is no farm in ${printable(home)} yet. Make one, start guests, look at it:
  ovmcli sim create --preset figure-8
  ovmcli vm start --pool pool1
  ovmcli farm topology
`)
}
