// What the benches share: a process and its cost, medians, and tables in pages.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup.mjs'

/** The command that users run. */
export const program = join(root, 'bin', 'run.js')
const meter = join(root, 'scripts', 'bench-meter.cjs')
const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...rest } = process.env
/** An environment like a user's: NODE_EXTRA_CA_CERTS would triple what a bare node costs, and flatter us. */
export const plainEnv = rest

/** Runs node once, in an environment like a user's: what it printed, `cpuMs` and `peakMiB`. It has to end with 0. */
export function measure(home, words, input) {
  const { status, output, stderr } = spawnSync(process.execPath, ['--require', meter, ...words], {
    cwd: root,
    env: { ...plainEnv, OVMCLI_HOME: home },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  if (status !== 0) throw new Error(`node ${words.join(' ')} ended with ${status}\n${stderr}`)
  return { stdout: output[1], ...JSON.parse(output[3]) }
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** A table of Markdown. */
export function markdown(heads, rows) {
  return [heads, heads.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** Replaces what is between the two marker comments of that name in a file. */
export function writeInto(file, name, table) {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const text = readFileSync(file, 'utf8')
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${file} needs a line ${start} and, after it, a line ${end}`)
  writeFileSync(file, `${text.slice(0, from + start.length)}\n${table}\n${text.slice(to)}`)
}
