/** Watches over a transfer: it is stopped from outside, or when the other side says nothing for too long while it is listened to. */
export class Watch {
  private readonly stop = new AbortController()
  private readonly onOuter = () => this.stop.abort(this.outer?.reason)
  private timer: NodeJS.Timeout | null = null
  /** the other side said nothing for too long */
  silent = false

  /** @param silenceMs how long the other side may say nothing */
  constructor(readonly silenceMs: number, private readonly outer?: AbortSignal) {
    outer?.throwIfAborted()
    outer?.addEventListener('abort', this.onOuter)
  }

  /** Aborts when the transfer is to stop. */
  get signal(): AbortSignal {
    return this.stop.signal
  }

  /** From now on the other side is to say something. */
  listen(): void {
    this.rest()
    this.timer = setTimeout(() => {
      this.silent = true
      this.stop.abort(new Error(`nothing was heard for ${this.silenceMs} ms`))
    }, this.silenceMs)
  }

  /** It said something, and is not listened to while that is dealt with. */
  rest(): void {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
  }

  /** Throws the reason when the transfer was stopped from outside. */
  throwIfStopped(): void {
    this.outer?.throwIfAborted()
  }

  /** The transfer is over. */
  end(): void {
    this.rest()
    this.outer?.removeEventListener('abort', this.onOuter)
  }
}
