const signals = ['SIGINT', 'SIGTERM'] as const

/** Work that goes on until somebody ends it: by Ctrl-C or SIGTERM, after which it ends in order; the second one ends the process. */
export async function untilSignal<T>(work: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const release = () => { for (const signal of signals) process.off(signal, onSignal) }
  const onSignal = () => {
    release()
    stop.abort()
  }
  for (const signal of signals) process.on(signal, onSignal)
  try {
    return await work(stop.signal)
  } finally {
    release()
  }
}
