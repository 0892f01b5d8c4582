import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isRemote, remotely } from './remote-farm.js'
import type { Ended } from './session.js'

/** The program as it was built, loaded into this process: for tests that run very many commands. What a process of its own adds is tested elsewhere. */
const built = createRequire(import.meta.url)(fileURLToPath(new URL('../dist/ovmcli.cjs', import.meta.url))) as { main(argv: string[]): Promise<number> }

const written = { out: process.stdout.write.bind(process.stdout), err: process.stderr.write.bind(process.stderr) }

/** Runs one command of the built program in this process, in a home of its own; one at a time. */
export async function runHere(home: string, argv: string[]): Promise<Ended> {
  const ended: Ended = { stdout: '', stderr: '', exit: null }
  const collect = (stream: 'stdout' | 'stderr') => (text: string | Uint8Array, encoding?: unknown, done?: () => void) => {
    ended[stream] += typeof text === 'string' ? text : Buffer.from(text).toString()
    const called = typeof encoding === 'function' ? (encoding as () => void) : done
    called?.()
    return true
  }
  const aimed = isRemote ? remotely(argv, { ...process.env, OVMCLI_HOME: home }) : { argv, env: {} }
  const before = new Map(['OVMCLI_HOME', ...Object.keys(aimed.env)].map(name => [name, process.env[name]]))
  setEnvironment(Object.entries({ ...aimed.env, OVMCLI_HOME: home }))
  process.stdout.write = collect('stdout') as typeof process.stdout.write
  process.stderr.write = collect('stderr') as typeof process.stderr.write
  try {
    ended.exit = await built.main(aimed.argv)
  } finally {
    process.stdout.write = written.out as typeof process.stdout.write
    process.stderr.write = written.err as typeof process.stderr.write
    setEnvironment(before)
  }
  return ended
}

function setEnvironment(values: Iterable<[string, string | null | undefined]>): void {
  for (const [name, value] of values) {
    if (value == null) delete process.env[name]
    else process.env[name] = value
  }
}

/** The words of a command line as a shell would take them apart, as far as quotes go. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replace(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''))
}

/** Whether a line wants a shell: it does more than quote. */
export function wantsShell(line: string): boolean {
  const bare = line.replace(/'[^']*'/g, "''")
  return /[|&;<>$`()]/.test(bare.replace(/"[^"$`\\]*"/g, '""')) || !line.startsWith('ovmcli ')
}
