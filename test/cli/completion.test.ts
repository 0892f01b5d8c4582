import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { staticsOf } from '../../src/cli/command-facts.js'
import { argumentsIn, complete, walk, type LookUp } from '../../src/cli/completion.js'
import { shellWord, typedLine } from '../../src/cli/completion-line.js'
import { flagValues, placeholders } from '../../src/cli/completion-subjects.js'
import { globalFlags } from '../../src/cli/global-flags.js'
import { commandTable } from '../../src/command-table.js'

/** What was looked up, by subject and prefix. */
function recorder(answer: string[] = []): { asked: unknown[]; lookUp: LookUp } {
  const asked: unknown[] = []
  return { asked, lookUp: async (subject, prefix, given) => { asked.push([subject, prefix, Object.fromEntries(given)]); return answer } }
}

async function offered(line: string, answer: string[] = []) {
  return (await complete(commandTable, line.split(' '), recorder(answer).lookUp)).words
}

describe('the words of a line', () => {
  it('are what bash cut at = and : put together again, without their quotes', () => {
    expect(typedLine(['ovmcli', 'vm', 'list', '--state', '=', 'ru'], 'ovmcli vm list --state=ru', '=:')).toEqual({ words: ['ovmcli', 'vm', 'list', '--state=ru'], kept: 8, quoted: false })
    expect(typedLine(['ovmcli', 'vm', 'list', '--sort', 'name', ':', ''], 'ovmcli vm list --sort name:', '=:')).toEqual({ words: ['ovmcli', 'vm', 'list', '--sort', 'name:'], kept: 5, quoted: false })
    expect(typedLine(['ovmcli', '--x', '='], 'ovmcli --x=', '=:')).toEqual({ words: ['ovmcli', '--x='], kept: 4, quoted: false })
    // Apart in the line is apart.
    expect(typedLine(['a', '--sort', 'name', ':', ''], 'a --sort name: ', '=:')).toEqual({ words: ['a', '--sort', 'name:', ''], kept: 0, quoted: false })
    expect(typedLine(['a', 'b\\ c', '"we'], 'a b\\ c "we', '=:')).toEqual({ words: ['a', 'b c', 'we'], kept: 0, quoted: true })
    // A caller that says nothing of the line has cut the words himself.
    expect(typedLine(['a', '--pool=p'], '-', '=:')).toEqual({ words: ['a', '--pool=p'], kept: 7, quoted: false })
    expect(typedLine(['a', '--pool=p'], '', '')).toEqual({ words: ['a', '--pool=p'], kept: 0, quoted: false })
  })

  it('that are offered come out of a shell as they went in', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(word => !/[\u0000-\u001f\u007f]/.test(word))
    const words = fc.sample(text, { numRuns: 2_000, seed: 5 })
    words.push("it's", '$(touch x)', '`id`', 'a b', '*', '~', '"', '\\', '#x', '!!', '{a,b}', 'é')
    const script = `printf '%s\\0' ${words.map(shellWord).join(' ')}`
    const { stdout } = spawnSync('bash', ['--norc'], { input: script, encoding: 'utf8', env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' } })
    expect(stdout.split('\0').slice(0, -1)).toEqual(words)
  })
})

describe('walking over flags', () => {
  it('tells words, values and the flag that waits apart as the parser does', () => {
    const walked = walk(['-u', 'alice', 'vm1', '-ojson', '--farm=x', '-q', '--columns'], globalFlags)
    expect(walked.plain).toEqual(['vm1'])
    expect(walked.waiting).toBe('columns')
    expect(Object.fromEntries(walked.given)).toEqual({ user: 'alice', output: 'json', farm: 'x', quiet: true })
    expect(walk(['--', '--farm', '-x'], globalFlags)).toMatchObject({ plain: ['--farm', '-x'], waiting: null, ended: true })
  })
})

describe('completion', () => {
  it('knows what every argument of every command names', async () => {
    const unknown: string[] = []
    for (const id of Object.keys(commandTable)) for (const { word } of argumentsIn([(await staticsOf(commandTable, id)).usage ?? ''].flat()[0]!)) if (!Object.hasOwn(placeholders, word)) unknown.push(`${id}: ${word}`)
    expect(unknown, 'add the placeholder to src/cli/completion-subjects.ts').toEqual([])
  })

  it('has nothing in its tables that no command says', async () => {
    // Of cli.md, for commands of later issues.
    const later = ['VM', 'TEMPLATE', 'ISO', 'REPO']
    const said = new Set(later)
    const flags = new Set<string>()
    for (const id of Object.keys(commandTable)) {
      const { usage, flags: own = {} } = await staticsOf(commandTable, id)
      for (const { word } of argumentsIn([usage ?? ''].flat()[0]!)) said.add(word)
      for (const [name, flag] of Object.entries({ ...globalFlags, ...own })) {
        flags.add(name)
        if ('helpValue' in flag) said.add([flag.helpValue ?? ''].flat()[0]!)
      }
    }
    expect(Object.keys(placeholders).filter(word => !said.has(word))).toEqual([])
    expect(Object.keys(flagValues).filter(flag => !flags.has(flag))).toEqual([])
  })

  it('offers topics, verbs, further verbs with arguments, and help topics, but nothing hidden', async () => {
    expect(await offered('v')).toEqual(['vm'])
    expect(await offered('')).toEqual([...new Set(Object.keys(commandTable).map(id => id.split(' ')[0]!)), 'help'])
    expect(await offered('vm sta')).toEqual(['start'])
    expect(await offered('svr res')).toEqual(['restart'])
    expect(await offered('-o json vm sta')).toEqual(['start'])
    expect(await offered('vm -u alice sta')).toEqual(['start'])
    expect(await offered('sim fault l')).toEqual(['list', 'lock-stuck'])
    expect(await offered('autocomplete ')).toEqual(['script', 'bash', 'zsh'])
    expect(await offered('help s')).toEqual(['server', 'shell', 'sim', 'selecting'])
    expect(await offered('help vm sta')).toEqual(['start'])
    expect(await offered('vm show vm1 sta')).toEqual([])
    expect(await offered('nonsense ')).toEqual([])
  })

  it('offers flags anywhere, each once unless it may be repeated, and their values', async () => {
    expect(await offered('vm start vm1 --dr')).toEqual(['--dry-run'])
    expect(await offered('vm start --dry-run --pool x --dr')).toEqual([])
    expect(await offered('vm start --pool x --poo')).toEqual(['--pool'])
    expect(await offered('--far')).toEqual(['--farm'])
    expect(await offered('vm start -- --dr')).toEqual([])
    expect(await offered('vm list --state ru')).toEqual(['running'])
    expect(await offered('server list --state ')).toEqual(['active', 'starting', 'unreachable', 'maintenance', 'off', 'dead'])
    expect(await offered('vm list --state=ru')).toEqual(['--state=running'])
    expect(await offered('vm list --output js')).toEqual(['json', 'jsonl'])
    expect(await offered('vm wait vm1 --for sto')).toEqual(['stopped'])
    expect(await offered('vm list --columns name,sta')).toEqual(['name,state', 'name,startedAt'])
    expect(await offered('vm list --columns name,nam')).toEqual([])
    expect(await offered('vm list --sort name:desc,poo')).toEqual(['name:desc,pool', 'name:desc,pool:desc'])
    expect(await offered('vm start --columns sec')).toEqual(['seconds'])
    expect(await offered('farm status --columns time,po')).toEqual(['time,pools'])
    expect(await offered('sim list --columns pre')).toEqual(['preset'])
    expect(await offered('vm list --filter memoryF')).toEqual([])
    expect(await offered('vm list --filter memory')).toEqual(['memoryMiB='])
    expect(await offered('vm start --report j')).toEqual(['junit=', 'json='])
    expect(await offered('vm migrate vm1 --to ', ['ovs1'])).toEqual(['auto', 'ovs1'])
  })

  it('asks for what an argument or value names, of the farm and user on the line', async () => {
    const cases: [string, unknown, string, object?][] = [
      ['vm start we', { names: 'vm' }, 'we'], ['vm start web1 we', { names: 'vm' }, 'we'], ['vm poweroff we', { names: 'vm' }, 'we'], ['vm show pool1/v', { names: 'vm' }, 'pool1/v'],
      ['server stop --pool p x', { names: 'server' }, 'x', { pool: 'p' }], ['svrp info x', { names: 'pool' }, 'x'], ['iso show x', { names: 'iso' }, 'x'], ['repo show x', { names: 'repo' }, 'x'],
      ['job show x', { names: 'job' }, 'x'], ['event show x', { names: 'event' }, 'x'], ['run resume x', { names: 'run' }, 'x'], ['sim use x', { keeper: 'farm' }, 'x'], ['sim delete a x', { keeper: 'farm' }, 'x'],
      ['vm start --on x', { names: 'server' }, 'x'], ['vm start --pool x', { names: 'pool' }, 'x'], ['vm list --tag=t', { names: 'tag' }, 't'], ['vm start --order tag:t', { names: 'tag' }, 't'], ['vm start --farm x', { keeper: 'farm' }, 'x'],
      ['sim create --preset x', { keeper: 'preset' }, 'x'], ['sim fault guest-crash x', { names: 'vm' }, 'x'], ['sim fault agent-down x', { names: 'server' }, 'x'], ['sim fault clear x', { keeper: 'fault' }, 'x'],
      ['vm start --exclude x', { names: 'vm' }, 'x'], ['job wait job-1 x', { names: 'job' }, 'x'], ['can-i x', { verbs: null }, 'x'], ['can-i start x', { topics: true }, 'x'], ['can-i stop server x', { names: 'server' }, 'x'], ['commands vm x', { verbs: 'vm' }, 'x'], ['--farm big -u alice vm show x', { names: 'vm' }, 'x', { farm: 'big', user: 'alice' }], ['vm show x --farm big x', { names: 'vm' }, 'x', { farm: 'big' }],
    ]
    for (const [line, subject, prefix, given = {}] of cases) {
      const { asked, lookUp } = recorder()
      await complete(commandTable, line.split(' '), lookUp)
      expect(asked, line).toEqual([[subject, prefix, given]])
    }
    // Where nothing is named nothing is asked: one argument too many, a new name, a number, a duration.
    for (const line of ['run show a x', 'sim use a x', 'sim create x', 'vm list x', 'vm list --limit x', 'vm stop --grace x', 'farm status x']) {
      const { asked, lookUp } = recorder()
      expect((await complete(commandTable, line.split(' '), lookUp)).words, line).toEqual([])
      expect(asked, line).toEqual([])
    }
  })

  it('lets the shell look for files', async () => {
    const { lookUp } = recorder()
    expect(await complete(commandTable, ['vm', 'start', '--from', '/tmp/x'], lookUp)).toEqual({ words: [], open: false, file: '/tmp/x' })
    expect(await complete(commandTable, ['vm', 'start', '--report', 'junit=out/'], lookUp)).toMatchObject({ file: 'out/' })
  })

  it('survives any words', async () => {
    const word = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.constantFrom('vm', 'start', 'sim', 'fault', 'help', '--', '-o', '--farm', '--tag=', '--columns=a,', '__proto__', 'constructor', '--constructor', '-', ''))
    await fc.assert(fc.asyncProperty(fc.array(word, { maxLength: 6 }), async words => {
      const found = await complete(commandTable, words, async () => [])
      const last = words.at(-1) ?? ''
      for (const one of found.words) expect(one.startsWith(last)).toBe(true)
    }), { numRuns: 2_000 })
  })
})
