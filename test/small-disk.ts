import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Ended, Session } from './session.js'

const bin = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const mounting = 'mount -t tmpfs -o "size=$1" none "$2" && shift 2 && exec "$@"'

/** Whether this system lets a test mount a disk that nobody else sees. */
export const hasSmallDisk = spawnSync('unshare', ['--mount', 'sh', '-c', mounting, 'sh', '64k', '/mnt', 'true'], { stdio: 'ignore' }).status === 0

/** Runs a command with an empty disk of so many KiB at a folder, and lists what it left there: that is gone afterwards. `words` are split at blanks. */
export function onSmallDisk(session: Session, folder: string, kib: number, words: string, env: Record<string, string> = {}): Ended & { left: string[] } {
  const script = '"$@"; code=$?; echo; echo left:; find "$DISK" -mindepth 1; exit $code'
  const done = spawnSync('unshare', ['--mount', 'sh', '-c', mounting, 'sh', `${kib}k`, folder, 'sh', '-c', script, 'sh', process.execPath, bin, ...words.split(' ')], { env: { ...session.env(env), DISK: folder }, encoding: 'utf8' })
  const [stdout, left] = done.stdout.split('\nleft:\n')
  return { stdout: stdout!, stderr: done.stderr, exit: done.status, left: (left ?? '').split('\n').filter(line => line !== '') }
}
