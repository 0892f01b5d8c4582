import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** How long to wait for more of a stream that has none now, in milliseconds. */
const pauseMs = 10

/**
 * All bytes of a file, a FIFO or a file descriptor; null when there are more than `mostBytes`. No more than that is read, so
 * that an endless stream ends. @throws the system's error when it cannot be read
 */
export function readBounded(source: string | number, mostBytes: number): Buffer | null {
  const descriptor = typeof source === 'number' ? source : openSync(source, 'r')
  try {
    // One more than a file says it has: so its end is seen without growing.
    let bytes = Buffer.allocUnsafe(Math.min(Math.max(fstatSync(descriptor).size + 1, 65_536), mostBytes + 1))
    for (let length = 0; ;) {
      const taken = readSome(descriptor, bytes, length)
      if (taken === 0) return bytes.subarray(0, length)
      length += taken
      if (length > mostBytes) return null
      if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(length * 2, mostBytes + 1))
    }
  } finally {
    if (typeof source === 'string') closeSync(descriptor)
  }
}

/** Bytes read into the rest of a buffer; 0 at the end. A stream that another process made non-blocking is waited for. */
function readSome(descriptor: number, into: Buffer, at: number): number {
  for (;;) {
    try {
      return readSync(descriptor, into, at, into.length - at, null)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EOF') return 0 // so Windows says that a pipe has ended
      if (code !== 'EAGAIN' && code !== 'EINTR') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs)
    }
  }
}
