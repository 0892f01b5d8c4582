const exits = { SIGINT: 130, SIGTERM: 143 } as const
/** How long the same signal is not taken for a second one, in milliseconds: timeout(1) sends it to the command and then to its group, and a script passes on what the terminal sent to both. Nobody presses a key twice that fast. */
const doubledMs = 200

/** Tells of the first signal that is to end us, by the exit code that goes with it; after that one nobody hears the next, which ends the process. @returns what lets go of the signals */
export function onSignal(tell: (exit: 130 | 143) => void): () => void {
  const signals = Object.keys(exits) as (keyof typeof exits)[]
  let heard = false
  const listen = (signal: NodeJS.Signals) => {
    if (heard) return
    heard = true
    setTimeout(release, doubledMs).unref()
    tell(exits[signal as keyof typeof exits])
  }
  const release = () => { for (const signal of signals) process.off(signal, listen) }
  for (const signal of signals) process.on(signal, listen)
  return release
}
