import type { Watch } from './watch.js'

/** What is there of a transfer that was cut: how many bytes, and which state of the source they are of. */
export interface Kept {
  bytes: number
  mark: string
}

/** A source that has begun to give. */
export interface Opened {
  body: AsyncIterable<Uint8Array>
  /** of the whole, where `body` begins: 0, or what was kept */
  startByte: number
  /** of the whole; null: the source does not say */
  totalBytes: number | null
  /** names this state of the source, so that the rest of it can be asked for later; null: it cannot be */
  mark: string | null
  /** Lets go of the source. */
  close(): void
}

/** A source of one file. */
export interface OneFile {
  /** what messages call it; holds no secret */
  readonly shown: string
  /** the same for the same source, and no secret in it */
  readonly identity: string
  /** Begins to give, from what was kept on where the source still is in that state and can. @throws Refusal import.* */
  open(kept: Kept | null, watch: Watch): Promise<Opened>
  /** How many bytes it is of; null when it does not say. @throws Refusal import.* */
  sizeBytes(watch: Watch): Promise<number | null>
}
