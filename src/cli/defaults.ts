import { isUtf8 } from 'node:buffer'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '../model/errors.js'
import { fileReason } from '../disk/file-reason.js'
import { defaultable } from './global-flags.js'
import { nearest } from './near.js'
import { configFolder } from './places.js'
import { readBounded } from './read-bounded.js'

/** What a flag is when nobody gave it: its texts as they would be written, and who says so. */
export interface Default { texts: readonly string[]; source: string }

/** Defaults of flags by their names. */
export type Defaults = ReadonlyMap<string, Default>

export const noDefaults: Defaults = new Map()

/** The longest configuration that is read, in bytes. */
const mostBytes = 65_536

/** The variable that holds a flag's default: `OVMCLI_NO_HEADER` of `no-header`. */
export function variableOf(flag: string): string {
  return `OVMCLI_${flag.toUpperCase().replaceAll('-', '_')}`
}

/** Whether the environment says that no profile is meant, neither that of the configuration nor the one in use: OVMCLI_PROFILE is set, and empty. */
export function saysNoProfile(env: NodeJS.ProcessEnv = process.env): boolean {
  return env[variableOf('profile')] === ''
}

/** The defaults of flags in the environment, and below it in `config.yaml`. @throws Refusal usage.config */
export async function readDefaults(env: NodeJS.ProcessEnv = process.env): Promise<Defaults> {
  const defaults = new Map<string, Default>()
  for (const flag of defaultable) {
    const text = env[variableOf(flag)]
    if (text) defaults.set(flag, { texts: [text], source: variableOf(flag) })
  }
  const file = join(configFolder(env), 'config.yaml')
  const text = readConfig(file)
  if (text !== null) for (const [flag, found] of await parseConfig(text, file)) if (!defaults.has(flag) && !(flag === 'profile' && saysNoProfile(env))) defaults.set(flag, found)
  return defaults
}

/** The text of the configuration; null where there is none. @throws Refusal usage.config */
function readConfig(file: string): string | null {
  let bytes: Buffer | null
  try {
    bytes = readBounded(file, mostBytes)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A folder that one may not enter holds no configuration for him, as with git: HOME of a service may be somebody else's.
    if (code === 'ENOENT' || code === 'ENOTDIR' || !isEntered(file)) return null
    throw badConfig(file, `cannot be read: ${fileReason(error)}`, 'let it be read, or set OVMCLI_CONFIG_HOME to another folder')
  }
  if (bytes === null) throw badConfig(file, `holds more than ${mostBytes} bytes`)
  if (!isUtf8(bytes)) throw badConfig(file, 'is not UTF-8')
  return bytes.toString('utf8')
}

function isEntered(file: string): boolean {
  try {
    return statSync(file) !== undefined
  } catch {
    return false
  }
}

/** Defaults by flag of a configuration: `flag: value` a line. @throws Refusal usage.config */
async function parseConfig(text: string, file: string): Promise<Map<string, Default>> {
  const { parse } = await import('yaml')
  let config: unknown
  try {
    // Texts as they stand: a farm may be called 08.
    config = parse(text, { maxAliasCount: 0, schema: 'failsafe', logLevel: 'error' })
  } catch (error) {
    throw badConfig(file, `is not YAML: ${(error as Error).message.split('\n')[0]}`)
  }
  if (config === null || config === undefined || config === '') return new Map()
  if (typeof config !== 'object' || Array.isArray(config)) throw badConfig(file, 'is no list of settings')
  return new Map(Object.entries(config).flatMap(([flag, value]) => {
    if (!defaultable.includes(flag)) {
      const near = nearest(flag, defaultable)
      throw badConfig(file, `sets ${JSON.stringify(flag.slice(0, 80))}, which is no setting`, near ? `did you mean ${near}?` : `settings: ${defaultable.join(' ')}`)
    }
    if (value === null || value === '' || value === '~' || value === 'null') return []
    const values: unknown[] = Array.isArray(value) ? value : [value]
    if (values.some(one => typeof one === 'object')) throw badConfig(file, `: ${flag} is neither a text nor a list of texts`)
    return [[flag, { texts: values.map(String), source: `${file}: ${flag}` }] as const]
  }))
}

function badConfig(file: string, what: string, hint = 'write one setting a line, such as output: json'): Refusal {
  return new Refusal('usage.config', `the configuration ${file} ${what}`.replace(' :', ':'), hint)
}
