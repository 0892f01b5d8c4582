import type { Refusal } from '../model/errors.js'
import type { Streams } from './streams.js'

/** Streams that keep what a command writes; nobody sits at them, so nothing is asked. */
export class Collected implements Streams {
  stdout = ''
  stderr = ''
  /** the first error that was said */
  error: Refusal | null = null
  readonly outIsTerminal = false
  readonly errIsTerminal = false
  readonly inIsTerminal = false

  constructor(readonly inIsFree: boolean, readonly errorsApart = false) {}

  async out(text: string): Promise<void> {
    this.stdout += text
  }

  err(text: string): void {
    this.stderr += text
  }

  refused(error: Refusal): void {
    this.error ??= error
  }
}
