import { onSignal } from './on-signal.js'

/** Work that goes on until somebody ends it: by Ctrl-C or SIGTERM, after which it ends in order; the second one ends the process. */
export async function untilSignal<T>(work: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const release = onSignal(() => stop.abort())
  try {
    return await work(stop.signal)
  } finally {
    release()
  }
}
