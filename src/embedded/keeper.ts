import type { FarmKeeper } from '../contract/farms.js'
import { Farms } from './farms.js'
import { FarmLibrary } from './library.js'

/** The keeper of the farms in a home; apart from the managers, whose commands make no farm. */
export function openKeeper(home: string): FarmKeeper {
  return new FarmLibrary(new Farms(home))
}
