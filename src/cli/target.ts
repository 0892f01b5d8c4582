import { resolve } from 'node:path'
import type { RemotePlace } from '../contract/remote.js'
import { Refusal } from '../model/errors.js'
import { variableOf, type Defaults } from './defaults.js'

/** What a command works on: a farm of this machine (null: the current one), a profile, or a manager that was named with its user. */
export type Target = { kind: 'embedded'; farm: string | null } | { kind: 'profile'; name: string } | { kind: 'manager'; url: string; ca: string | null }

/** Flags that say it; two of them are refused. */
const aims = ['farm', 'profile', 'manager'] as const

/**
 * What a command works on: what its own flags say, else the environment and the configuration, else the profile in use.
 * @param given the flags of the command line, with their values @throws Refusal usage.argument, usage.config
 */
export function targetOf(given: Readonly<Partial<Record<'farm' | 'profile' | 'manager' | 'ca', string>>>, defaults: Defaults, currentProfile: () => string | null): Target {
  const target = aimOf(given, defaults, currentProfile)
  if (given.ca === undefined || target.kind === 'manager') return target
  throw new Refusal('usage.argument', `--ca says by what the manager of --manager is known, and ${target.kind === 'profile' ? `profile ${target.name} says that itself` : 'none is named'}`, 'leave out --ca, or name the manager with --manager')
}

function aimOf(given: Parameters<typeof targetOf>[0], defaults: Defaults, currentProfile: () => string | null): Target {
  const said = aims.filter(flag => given[flag] !== undefined)
  if (said.length > 1) throw new Refusal('usage.argument', `--${said.join(' and --')} exclude each other`, 'name one farm or manager')
  const byDefault = (flag: string) => defaults.get(flag)?.texts.join(',') ?? null
  const ca = given.ca ?? byDefault('ca')
  if (given.farm !== undefined) return { kind: 'embedded', farm: given.farm }
  if (given.profile !== undefined) return { kind: 'profile', name: given.profile }
  if (given.manager !== undefined) return { kind: 'manager', url: managerUrl(given.manager, '--manager'), ca }
  const near = nearestOf(defaults)
  const named = near && { flag: near.flag, text: defaults.get(near.flag)!.texts.join(',') }
  if (named?.flag === 'farm') return { kind: 'embedded', farm: named.text }
  if (named?.flag === 'manager') return { kind: 'manager', url: managerUrl(named.text, near!.source), ca }
  const profile = named?.text ?? currentProfile()
  return profile === null ? { kind: 'embedded', farm: null } : { kind: 'profile', name: profile }
}

/** Which of the defaults says it: one passed on from a command line, else the environment, else the configuration. @throws Refusal usage.config where one place says two things */
function nearestOf(defaults: Defaults): { flag: (typeof aims)[number]; source: string } | null {
  const rank = (flag: string, source: string) => (source.startsWith('--') ? 0 : source === variableOf(flag) ? 1 : 2)
  const said = aims.flatMap(flag => {
    const source = defaults.get(flag)?.source
    return source === undefined ? [] : [{ flag, source, rank: rank(flag, source) }]
  }).sort((a, b) => a.rank - b.rank)
  const [first, second] = said
  if (first && second?.rank === first.rank) throw new Refusal('usage.config', `${first.source} and ${second.source} both say what commands work on`, 'take one of them away')
  return first ?? null
}

/** The URL of a manager: `https://HOST:PORT`; 4443 and https where nothing else is said. @throws Refusal usage.argument */
export function managerUrl(text: string, source: string): string {
  const bad = (why: string) => new Refusal('usage.argument', `${source}: ${JSON.stringify(text.slice(0, 120))} ${why}`, 'write https://HOST:4443')
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`
  let url: URL
  try {
    url = new URL(whole)
  } catch {
    throw bad('is no URL')
  }
  if (url.username !== '' || url.password !== '') throw new Refusal('usage.argument', `${source}: a URL is no place for a user or a password`, 'give --user and --password-file')
  if (url.protocol !== 'https:') throw bad('does not begin with https: logins go over TLS only')
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw bad('names more than host and port')
  return `https://${url.hostname}:${url.port || (/:443\/?$/.test(whole) ? '443' : '4443')}`
}

/** Where a named manager is, and by what its certificate is known. */
export async function placeOf({ url, ca }: { url: string; ca: string | null }): Promise<RemotePlace> {
  const { trustOf } = await import('./profiles.js')
  return { url, trust: trustOf(ca === null ? { kind: 'system' } : { kind: 'ca', file: resolve(ca) }) }
}
