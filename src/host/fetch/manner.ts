/** How a source is asked. */
export interface Way {
  /** URL of the proxy that http and https go through; none when it is left out, whatever the environment says */
  proxy?: string | null | undefined
  /** stops the work, which then ends with the reason of the signal */
  signal?: AbortSignal | undefined
  /** how long the other side may say nothing, in milliseconds; a minute unless told */
  silenceMs?: number | undefined
  /** certificates (PEM) of the authorities to trust, in the place of those of Node */
  ca?: string | undefined
}

/** How far a transfer is, in bytes of the whole; null: the source does not say how much there is. */
export interface Progress {
  doneBytes: number
  totalBytes: number | null
}

/** How something is fetched. */
export interface FetchManner extends Way {
  /** what the file must have: `sha256:HEX`, 64 hex digits alone, or `sha512:`, `sha1:`, `md5:` */
  checksum?: string | null | undefined
  /** how big it may be at most, in bytes */
  mostBytes?: number | null | undefined
  /** called when it begins and after every piece that is written */
  onProgress?: ((progress: Progress) => void) | undefined
}

/** What was fetched. */
export interface Fetched {
  kind: 'file' | 'folder'
  bytes: number
  /** of these, how many were there from a transfer that was cut */
  resumedBytes: number
}
