import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Session } from '../session.js'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const blocks = [...readme.matchAll(/```console\n(.*?)```/gs)].map(match => match[1]!)

describe('the README', () => {
  it('shows what the binary prints, command by command', () => {
    const farm = new Session()
    const commands = blocks.join('\n').split(/^\$ ovmcli /m).slice(1)
    expect(commands.length).toBeGreaterThan(10)
    for (const command of commands) {
      const [line, ...output] = command.split('\n')
      const words = line!.match(/'[^']*'|\S+/g)!.map(word => word.replace(/^'|'$/g, ''))
      expect(farm.run('', ...words).stdout.trimEnd(), line).toBe(output.join('\n').trimEnd())
    }
  })
})
