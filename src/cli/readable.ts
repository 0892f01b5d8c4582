import { closeSync, fstatSync, openSync } from 'node:fs'
import { Refusal } from '../model/errors.js'
import { fileReason } from '../disk/file-reason.js'

/** The path itself, when a file that can be read is there. @throws Refusal usage.argument */
export function readable(path: string): string {
  let descriptor: number | null = null
  try {
    descriptor = openSync(path, 'r')
    if (fstatSync(descriptor).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
    return path
  } catch (error) {
    throw new Refusal('usage.argument', `cannot read ${JSON.stringify(path.slice(0, 200))}: ${fileReason(error)}`, 'name a file that can be read, or - for standard input')
  } finally {
    if (descriptor !== null) closeSync(descriptor)
  }
}
