import type { Store } from '../store/store.js'

/** A store that many managers work on: none of them closes it. */
export function shared(store: Store): Store {
  return {
    read: work => store.read(work), transact: (work, keep) => store.transact(work, keep), fork: () => store.fork(), changes: () => store.changes(), version: () => store.version(), close: async () => {},
  }
}
