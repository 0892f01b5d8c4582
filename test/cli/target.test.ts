import { describe, expect, it } from 'vitest'
import type { Defaults } from '../../src/cli/defaults.js'
import { managerUrl, targetOf } from '../../src/cli/target.js'
import { refusal } from '../refusal.js'

const none = () => null
const said = (...of: [string, string, string][]): Defaults => new Map(of.map(([flag, text, source]) => [flag, { texts: [text], source }]))

describe('what a command works on', () => {
  it('is what its own flags say, then those passed on, the environment, the configuration, the profile in use, this machine', () => {
    const [line, env, config] = [['profile', 'a', '--profile'], ['manager', 'b', 'OVMCLI_MANAGER'], ['farm', 'c', '/config.yaml: farm']] as [string, string, string][]
    expect(targetOf({ farm: 'f' }, said(line!, env!, config!), () => 'p')).toEqual({ kind: 'embedded', farm: 'f' })
    expect(targetOf({}, said(config!, env!, line!), () => 'p')).toEqual({ kind: 'profile', name: 'a' })
    expect(targetOf({}, said(config!, env!), () => 'p')).toEqual({ kind: 'manager', url: 'https://b:4443', ca: null })
    expect(targetOf({}, said(config!), () => 'p')).toEqual({ kind: 'embedded', farm: 'c' })
    expect(targetOf({}, said(), () => 'p')).toEqual({ kind: 'profile', name: 'p' })
    expect(targetOf({}, said(), none)).toEqual({ kind: 'embedded', farm: null })
  })

  it('is not two things at once', () => {
    expect(refusal(() => targetOf({ farm: 'f', profile: 'p' }, said(), none)).code).toBe('usage.argument')
    expect(refusal(() => targetOf({}, said(['profile', 'a', 'OVMCLI_PROFILE'], ['farm', 'b', 'OVMCLI_FARM']), none)).code).toBe('usage.config')
  })
})

it('the URL of a manager is https, host and port, with the port of managers where none is named, and never a password', () => {
  expect(['h', 'h:1', 'https://h', 'https://h:443', 'https://h:4443/', 'https://[::1]:9', '127.0.0.1'].map(text => managerUrl(text, '--manager'))).toEqual(['https://h:4443', 'https://h:1', 'https://h:4443', 'https://h:443', 'https://h:4443', 'https://[::1]:9', 'https://127.0.0.1:4443'])
  for (const text of ['http://h', 'ftp://h', 'https://u:geheim@h', 'https://h/x', 'https://h?x', 'https://', '']) {
    const { code, message, hint } = refusal(() => managerUrl(text, '--manager'))
    expect([text, code]).toEqual([text, 'usage.argument'])
    expect(`${message}${hint}`).not.toContain('geheim')
  }
})
