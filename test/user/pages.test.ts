import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { blocksOf, lacksTools, playPage, shellEnv, textOf, type Played } from '../console-pages.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const texts = ['README.md', ...readdirSync(join(root, 'docs')).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)]
const pages = texts.filter(path => blocksOf(textOf(path), 'console').length > 0)

/** What more is to be seen on the home of a page, once it was played. */
const afterwards: Readonly<Record<string, (played: Played) => void>> = {
  'docs/cron.md': ({ farm, page }) => {
    farm.ok('vm update vm3 --tag tier=web')
    const [script] = blocksOf(page, 'sh')
    const done = spawnSync('bash', ['-c', script!.replace('/var/log/ovm', farm.home)], { env: shellEnv(farm), encoding: 'utf8' })
    expect(done.status, done.stderr).toBe(0)
    expect(JSON.parse(readFileSync(join(farm.home, 'start.json'), 'utf8'))).toMatchObject({ total: 1, done: 1 })
  },
}

/** Plays a page; OVMCLI_WRITE_PAGES=1 writes what was printed into it. */
function checked(path: string): Played {
  const played = playPage(path)
  if (process.env['OVMCLI_WRITE_PAGES']) writeFileSync(join(root, path), played.actual)
  else expect(played.actual).toBe(played.page)
  expect(played.silent, 'commands that fail and show nothing').toEqual([])
  return played
}

describe('what a page shows is what is printed', () => {
  for (const path of pages) {
    it.skipIf(lacksTools(path, blocksOf(textOf(path), 'console').join('\n')))(path, () => {
      const played = checked(path)
      afterwards[path]?.(played)
    })
  }

  it('links lead to files', () => {
    for (const path of texts) {
      for (const [, link] of textOf(path).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) expect(existsSync(join(root, path, '..', link!)), `${path} links to ${link}`).toBe(true)
    }
  })

  it('the README is one of many commands, and the guides are among the pages', () => {
    expect(blocksOf(textOf('README.md'), 'console').join('').match(/^\$ /gm)!.length).toBeGreaterThan(10)
    expect(pages).toEqual(expect.arrayContaining(['docs/ci.md', 'docs/cron.md', 'docs/moving-from-2.2.md', 'docs/scripting.md']))
  })
})
