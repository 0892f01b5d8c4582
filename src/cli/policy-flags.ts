import { Refusal } from '../model/errors.js'
export function maxFailuresOf(text: string): { count: number } | { percent: number } {
  const m = /^(\d+)(%?)$/.exec(text)
  if (!m) throw new Refusal('usage.argument', `--max-failures: ${JSON.stringify(text)}`, 'write 3 or 10%')
  return m[2] ? { percent: Number(m[1]) } : { count: Number(m[1]) }
}
export function orderTagOf(text: string): string {
  const m = /^tag:(.+)$/.exec(text)
  if (!m) throw new Refusal('usage.argument', `--order: ${JSON.stringify(text)}`, 'write tag:KEY')
  return m[1]!
}
