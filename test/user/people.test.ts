import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runHere, wordsOf } from '../in-process.js'
import { Session, type Ended } from '../session.js'
import { hasTerminal, Terminal } from '../terminal.js'

const phrase = 'a long pass phrase'

/** A farm whose commands run in this process, each as somebody. */
class People {
  readonly session = new Session('figure-8')
  readonly home = join(this.session.home, 'ovm')

  /** A file that only its owner may read. */
  file(name: string, text: string): string {
    const path = join(this.session.home, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }

  async run(line: string, env: Record<string, string> = {}): Promise<Ended> {
    Object.assign(process.env, env)
    try {
      return await runHere(this.home, wordsOf(line))
    } finally {
      for (const name of Object.keys(env)) delete process.env[name]
    }
  }

  async ok(line: string, env?: Record<string, string>): Promise<string> {
    const ended = await this.run(line, env)
    expect(ended.exit, `${line}: ${ended.stderr}`).toBe(0)
    return ended.stdout
  }

  /** A command that is refused: its exit code, and its code and hint as people read them. */
  async refused(line: string, exit: number, code: string, hint: string): Promise<void> {
    const ended = await this.run(line)
    expect(ended.exit, `${line}: ${ended.stdout}${ended.stderr}`).toBe(exit)
    expect(ended.stderr, line).toContain(code)
    expect(ended.stderr.split('\n').filter(text => text.startsWith('Hint: ')).join('\n'), line).toContain(hint)
  }

  async json(line: string): Promise<Record<string, never>> {
    return JSON.parse(await this.ok(`${line} -o json`)) as Record<string, never>
  }

  async events(filter: string): Promise<{ kind: string; severity: string; user: string; message: string }[]> {
    return JSON.parse(await this.ok(`event list --filter '${filter}' -o json`)) as never
  }
}

describe('users', () => {
  it('are made with a role and a password, changed, and deleted; names are unique', async () => {
    const farm = new People()
    const file = farm.file('pw', `${phrase}\r\nsecond line\n`)
    await farm.ok(`user create bob --role manager --email bob@example.com --password-file ${file}`)
    expect(await farm.json('user show bob')).toEqual({ name: 'bob', role: 'manager', state: 'active', email: 'bob@example.com', groups: [], pools: [] })
    await farm.refused(`user create bob --role user --password-file ${file}`, 5, 'user.exists', 'user list shows')
    await farm.refused(`user create 'b b' --role user --password-file ${file}`, 2, 'usage.name', 'a name starts with')
    await farm.refused(`user create eve --role user --email nonsense --password-file ${file}`, 2, 'usage.argument', 'write one like name@example.com')
    await farm.refused('user update bob --email nonsense', 2, 'usage.argument', 'write one like name@example.com')
    await farm.refused('user create eve --role user', 2, 'the new password of eve is missing', '--password-file FILE')
    // A name that no file can have.
    await farm.refused(`user create eve --role user --password-file ${'x'.repeat(300)}`, 2, 'usage.argument', 'name a file that can be read')
    await farm.refused(`user list --password-file ${'x'.repeat(300)}`, 2, 'usage.argument', 'name a file that can be read')
    await farm.refused(`user create --role user --password-file ${file}`, 2, 'no name of a user was given', 'user create NAME')
    expect((await farm.run(`user create eve --role boss --password-file ${file}`)).exit).toBe(2)
    await farm.ok('user grant bob pool1 pool2')
    expect(await farm.ok("user update bob --role user --email '' -o name")).toBe('bob\n')
    // Pools go with the role.
    expect(await farm.json('user show bob')).toMatchObject({ role: 'user', email: null, pools: [] })
    expect(JSON.parse((await farm.run('user update bob --role user -o json')).stdout)).toMatchObject({ unchanged: 1 })
    await farm.refused('user update bob --role user --strict', 5, 'user.unchanged', '--strict')
    await farm.refused('user update bob', 2, 'nothing is to be changed', '--role or --email')
    await farm.refused('user update nobody --role user', 3, 'not-found.user', 'user list')
    await farm.refused('user delete bob', 5, 'guard.confirm', '--yes')
    await farm.ok('user delete bob alice --expect 2 --yes')
    expect(await farm.ok('user list -o name')).toBe('admin\noperator\n')
    // What was done is told, with the fields before and after, and never a secret.
    expect((await farm.events('subject=bob')).map(event => event.message)).toEqual(['user bob created: manager', 'user bob was granted pools pool1, pool2', 'user bob updated: role manager → user, email bob@example.com → none, pools pool1 pool2 → none', 'user update bob refused: user bob is so already', 'user bob deleted'])
  })

  it('who is the last active administrator stays one, and nobody locks or deletes himself', async () => {
    const farm = new People()
    for (const line of ['user delete admin --yes', 'user delete admin --new-owner operator --yes', 'user lock admin', 'user update admin --role manager']) await farm.refused(line, 5, 'user.last-admin', 'user update NAME --role administrator')
    await farm.ok('user update operator --role administrator')
    await farm.refused('user lock admin', 5, 'user.self', 'another administrator')
    await farm.refused('user delete admin --new-owner operator --yes', 5, 'user.self', 'another administrator')
    // Of several at once one always stays.
    await farm.ok("user update alice --role administrator")
    const { exit, stdout } = await farm.run('user update --all --role manager -o json')
    const results = (JSON.parse(stdout) as { items: { name: string; result: string; error: { code: string } | null }[] }).items.map(item => [item.name, item.result, item.error?.code])
    expect([exit, results]).toEqual([6, [['admin', 'done', undefined], ['alice', 'done', undefined], ['operator', 'failed', 'user.last-admin']]])
    await farm.refused('user lock operator -u operator', 5, 'user.last-admin', 'user update NAME --role administrator')
    // A locked administrator is none that could stay.
    await farm.ok('user update admin --role administrator -u operator')
    await farm.ok('user lock operator')
    await farm.refused('user update admin --role user', 5, 'user.last-admin', 'user update NAME --role administrator')
  })

  it('who owns guests is deleted only when they go to another', async () => {
    const farm = new People()
    await farm.ok('user update operator --role administrator')
    await farm.refused('user delete admin --yes -u operator', 5, 'user admin owns 10 guests: vm1, vm2, vm3', '--new-owner')
    await farm.refused('user delete admin --new-owner nobody --yes -u operator', 3, 'not-found.user', 'user list')
    await farm.refused('user delete admin --new-owner admin --yes -u operator', 2, 'admin is to be deleted', 'another --new-owner')
    expect((await farm.run('user delete admin --new-owner alice --dry-run -o json -u operator')).stdout).toContain('would-do')
    await farm.ok('user delete admin --new-owner alice --yes -u operator')
    expect(await farm.ok("vm list --filter owner=alice --limit 1 -o name -u operator")).toBe('vm1\n')
    expect(await farm.ok('vm list -o name -u alice --limit 2')).toBe('vm1\nvm2\n')
    await farm.refused('vm list', 4, 'auth.unknown-user', '--user')
  })

  it('who is locked is refused everywhere until he is unlocked', async () => {
    const farm = new People()
    await farm.ok('user lock alice operator')
    expect(await farm.ok('user list --filter state=locked -o name')).toBe('alice\noperator\n')
    for (const line of ['vm list -u alice', 'whoami -u alice', 'can-i list vm -u alice', 'vm start vm1 -u operator', 'farm status -u operator', 'event follow -u operator', 'sim fault server-crash ovs1 -u alice']) await farm.refused(line, 4, 'auth.locked', 'unlock')
    expect(JSON.parse((await farm.run('user lock alice -o json')).stdout)).toMatchObject({ unchanged: 1 })
    await farm.ok('user unlock --state locked')
    expect((await farm.json('whoami -u alice'))['state']).toBe('active')
  })

  it('of pools managers are granted what there is', async () => {
    const farm = new People()
    await farm.ok('user revoke operator pool1')
    expect(await farm.json('user show operator')).toMatchObject({ pools: ['pool2'] })
    expect((await farm.run('vm start vm1 -u operator')).stderr).toContain('not-found.vm')
    await farm.ok('user grant operator pool1')
    await farm.ok('vm start vm1 -u operator')
    expect(JSON.parse((await farm.run('user grant operator pool1 -o json')).stdout)).toMatchObject({ unchanged: 1 })
    await farm.refused('user grant operator pool1 --strict', 5, 'user.unchanged', '--strict')
    await farm.refused('user grant operator pool1 nowhere', 3, 'not-found.pool', 'pool list')
    await farm.refused('user revoke operator nowhere', 3, 'not-found.pool', 'pool list')
    await farm.refused('user grant alice pool1', 5, 'user.role', 'user update alice --role manager')
    await farm.refused('user grant admin pool1', 5, 'user.role', 'all pools')
    await farm.refused('user grant operator', 2, 'nothing was named beside operator', 'user grant USER POOL...')
    await farm.refused('user grant nobody pool1', 3, 'not-found.user', 'user list')
  })

  it('see themselves and their groups, managers and administrators all; what a role may never do is refused before anything is looked up', async () => {
    const farm = new People()
    await farm.ok('group create web')
    await farm.ok('group create db')
    await farm.ok('group add web alice')
    expect(await farm.ok('user list -o name -u alice')).toBe('alice\n')
    expect(await farm.ok('group list -o name -u alice')).toBe('web\n')
    await farm.refused('group show db -u alice', 3, 'not-found.group', 'group list')
    await farm.refused('user show admin -u alice', 3, 'not-found.user', 'user list')
    expect(await farm.ok('group list -o name -u operator')).toBe('db\nweb\n')
    for (const user of ['alice', 'operator']) await farm.refused(`user lock nobody -u ${user}`, 4, 'auth.denied', 'ask')
    expect((await farm.run('can-i lock user alice -u operator')).exit).toBe(4)
    expect(await farm.ok('can-i password user alice -u alice')).toBe('yes: a user sets his own password\n')
    expect(await farm.ok('can-i create group')).toBe('yes: an administrator manages users and groups\n')
  })
})

describe('groups', () => {
  it('are made, described, joined and left, and stay while guests belong to them', async () => {
    const farm = new People()
    await farm.ok("group create web --description 'front ends'")
    await farm.refused('group create web', 5, 'group.exists', 'group list')
    await farm.ok('group add web operator alice')
    expect(await farm.json('group show web')).toEqual({ name: 'web', description: 'front ends', members: ['alice', 'operator'] })
    expect(await farm.json('user show alice')).toMatchObject({ groups: ['web'] })
    expect(JSON.parse((await farm.run('group add web alice -o json')).stdout)).toMatchObject({ unchanged: 1 })
    await farm.refused('group add web alice --strict', 5, 'group.unchanged', '--strict')
    await farm.refused('group add web nobody alice', 3, 'not-found.user', 'user list')
    await farm.refused('group add nothing alice', 3, 'not-found.group', 'group list')
    await farm.ok('group remove web operator')
    await farm.ok("group update web --description ''")
    expect(await farm.json('group show web')).toMatchObject({ description: null, members: ['alice'] })
    await farm.ok('vm create shop --pool pool1 --template ol5u5-pv --visibility shared --group web')
    expect(await farm.ok('vm list -o name -u alice')).toBe('shop\n')
    await farm.refused('group delete web --yes', 5, 'group.in-use', 'another group')
    await farm.ok('vm delete shop --yes')
    await farm.ok('group delete web --yes')
    expect(await farm.json('user show alice')).toMatchObject({ groups: [] })
    // Who is deleted is in no group any more.
    await farm.ok('group create db')
    await farm.ok('group add db alice operator')
    await farm.ok('user delete alice --yes')
    expect(await farm.json('group show db')).toMatchObject({ members: ['operator'] })
  })
})

describe('what was done to users and groups', () => {
  it('is taken back by run undo, which says first what it cannot', async () => {
    const farm = new People()
    const undone = async (line: string) => {
      const { run } = JSON.parse(await farm.ok(`${line} -o json`)) as { run: string }
      return farm.run(`run undo ${run} --yes -o json`)
    }
    const file = farm.file('pw', phrase)
    await farm.ok('group create web')
    await farm.ok('group add web alice')
    for (const [line, look] of [
      [`user create bob --role user --password-file ${file}`, 'user list'], ['user update alice --role manager --email a@example.com', 'user show alice'], ['user lock alice operator', 'user list'], ['user revoke operator pool1', 'user show operator'],
      ['group create db', 'group list'], ["group update web --description 'front ends'", 'group show web'], ['group add web alice operator', 'group show web'], ['group remove web alice operator', 'group show web'],
    ] as const) {
      const before = await farm.json(look)
      expect((await undone(line)).exit, line).toBe(0)
      expect(await farm.json(look), line).toEqual(before)
    }
    // Only what the run itself granted goes again.
    await farm.ok('user revoke operator pool1')
    expect((await undone('user grant operator pool1 pool2')).exit).toBe(0)
    expect(await farm.json('user show operator')).toMatchObject({ pools: ['pool2'] })
    for (const line of [`user password alice --password-file ${file}`, 'group delete web --yes', 'user delete alice --yes', 'user update operator --role user']) expect((await undone(line)).stdout, line).toContain('undo.impossible')
  })
})

describe('passwords', () => {
  it('have 10 characters or more and are not the name', async () => {
    const farm = new People()
    const create = (text: string, name = 'bob') => farm.run(`user create ${name} --role user --password-file ${farm.file('pw', text)}`)
    for (const [text, name] of [['ninechars', 'bob'], ['Catherine-Ann', 'catherine-ann'], ['x'.repeat(257), 'bob']] as const) {
      const ended = await create(text, name)
      expect(ended.exit, text).toBe(2)
      expect(ended.stderr).toContain('usage.password')
      expect(ended.stderr).toContain('Hint: a password has 10 to 256 characters, and is not the name')
      expect(ended.stderr + ended.stdout, 'a bad password is not repeated').not.toContain(text)
    }
    expect((await create('')).exit).toBe(2)
    expect((await create('ten chars!')).exit).toBe(0)
    await farm.refused(`user password bob --password-file ${farm.file('pw', 'short')}`, 2, 'usage.password', '10 to 256')
    await farm.refused(`user password nobody --password-file ${farm.file('pw', phrase)}`, 3, 'not-found.user', 'user list')
  })

  const hers = ['vm list -u alice', 'whoami -u alice', 'can-i start vm -u alice', 'user list -u alice', `sim fault server-crash ovs1 -u alice`, 'sim delete figure-8 -u alice --yes', 'event list -u alice', 'sim clock --advance 1m -u alice']

  it('are asked of whoever has one, by every command', async () => {
    const farm = new People()
    await farm.ok(`user password alice -u alice --password-file ${farm.file('pw', `${phrase}\n`)}`)
    for (const line of hers) await farm.refused(line, 4, 'auth.password', '--password-file')
  })

  it('that are wrong, or missing, are refused for ever, and each is told', async () => {
    const farm = new People()
    await farm.ok(`user password alice -u alice --password-file ${farm.file('pw', `${phrase}\n`)}`)
    const wrong = farm.file('wrong', 'another pass phrase\n')
    for (const line of hers) await farm.refused(`${line} --password-file ${wrong}`, 4, 'auth.password', 'OVMCLI_PASSWORD_FILE')
    await farm.run('vm list -u alice')
    expect((await farm.events('kind=auth.password')).map(event => event.message)).toEqual(['the password of alice is another one', 'alice has a password, and none was given'])
  })

  it('are taken in each of the ways to give them', async () => {
    const farm = new People()
    const file = farm.file('pw', `${phrase}\n`)
    await farm.ok(`user password alice -u alice --password-file ${file}`)
    for (const [line, env] of [
      [`whoami -u alice --password-file ${file}`, {}], [`--password-file ${file} -u alice whoami`, {}], ['whoami -u alice', { OVMCLI_PASSWORD_FILE: file }], ['whoami -u alice', { OVMCLI_PASSWORD: phrase }],
      // The nearest wins.
      [`whoami -u alice --password-file ${file}`, { OVMCLI_PASSWORD: 'wrong' }], ['whoami -u alice', { OVMCLI_PASSWORD: 'wrong', OVMCLI_PASSWORD_FILE: file }],
      // Who has none goes on without, whatever he gives.
      ['whoami', { OVMCLI_PASSWORD: 'anything' }],
    ] as const) expect(await farm.ok(line, env as Record<string, string>), line).toMatch(/^USER/)
    // The old one proves who sets a new one, and that stands before the topic.
    const next = farm.file('next', 'a newer pass phrase\n')
    await farm.refused(`user password alice -u alice --password-file ${next}`, 4, 'auth.password', '--password-file')
    await farm.ok(`--password-file ${file} user password alice -u alice --password-file ${next}`)
    await farm.refused(`whoami -u alice --password-file ${file}`, 4, 'auth.password', '--password-file')
    // What the environment says of whoever acts is never taken for a new password.
    await farm.refused('user create carl --role user', 2, 'the new password of carl is missing', '--password-file')
    expect((await farm.run('user create carl --role user', { OVMCLI_PASSWORD_FILE: file })).stderr).toContain('the new password of carl is missing')
    // An administrator sets anybody's, a manager only his own.
    await farm.ok(`user password alice --password-file ${file}`)
    await farm.refused(`user password alice -u operator --password-file ${file}`, 4, 'auth.denied', 'ask')
    await farm.refused(`user password admin -u alice --password-file ${file}`, 4, 'auth.password', '')
    const denied = await farm.run(`--password-file ${file} user password admin -u alice --password-file ${next}`)
    expect([denied.exit, denied.stderr]).toEqual([3, expect.stringContaining('not-found.user')])
    // A dry run checks all and changes nothing.
    expect((await farm.run(`--password-file ${file} user password alice -u alice --password-file ${next} --dry-run -o json`)).stdout).toContain('would-do')
    await farm.ok(`whoami -u alice --password-file ${file}`)
  })

  it('are nowhere in clear, nor is what is kept of them in runs, jobs, events or errors', async () => {
    const farm = new People()
    const file = farm.file('pw', 'zebra-crossing-at-noon\n')
    await farm.ok(`user create bob --role administrator --password-file ${file} --request-key k1`)
    await farm.ok(`user password bob --password-file ${file} --request-key k2 --reason why`)
    await farm.ok('user update operator --email o@example.com', { OVMCLI_USER: 'bob', OVMCLI_PASSWORD: 'zebra-crossing-at-noon' })
    expect(await farm.ok(`user create bob --role administrator --password-file ${file} --request-key k1 -o json`)).toContain('"done": 1')
    const told: string[] = []
    for (const line of ['run list', 'job list', 'event list', 'user list', 'user show bob']) told.push(await farm.ok(`${line} -o json`))
    for (const text of told) expect(text).not.toMatch(/zebra|scrypt|password_|"password"/)
    for (const run of JSON.parse(told[0]!) as { id: string }[]) expect(await farm.ok(`run show ${run.id} -o json`)).not.toMatch(/zebra|scrypt/)
    // Both were kept, one after the other: only users hold what scrypt made of them.
    const folder = join(farm.home, 'farms', 'figure-8')
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
    for (const { name, parentPath } of files) expect(readFileSync(join(parentPath, name)).includes('zebra'), name).toBe(false)
    const { DatabaseSync } = await import('@photostructure/sqlite')
    const db = new DatabaseSync(join(folder, 'manager.db'))
    for (const [table, columns] of [['run', 'options'], ['item', "coalesce(spec, '') || coalesce(change, '') || coalesce(error, '')"], ['event', "message || coalesce(change, '')"]] as const) {
      expect((db.prepare(`select group_concat(${columns}) as text from ${table}`).get() as { text: string }).text, table).not.toContain('scrypt')
    }
    expect((db.prepare(`select password from user where name = 'bob'`).get() as { password: string }).password).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[\w+/]{22}\$[\w+/]{43}$/)
    db.close()
  })

  it('come from a file of whoever gives the command, or from standard input; it says when others may read it', () => {
    const farm = new People()
    const path = farm.file('pw', `${phrase}\n`)
    chmodSync(path, 0o644)
    expect(farm.session.run(`user create bob --role user --password-file ${path}`).stderr).toContain('chmod 600')
    expect(farm.session.runWith({ input: `${phrase}\n`, env: { OVMCLI_PASSWORD_FILE: '-' } }, 'whoami -u bob -o name')).toMatchObject({ exit: 0, stdout: 'bob\n' })
    // In a batch standard input carries the lines, so there it cannot.
    const { stdout } = farm.session.runWith({ input: 'whoami -u bob --password-file -\nwhoami -u bob\nvm list -u bob\n', env: { OVMCLI_PASSWORD: phrase } }, 'batch -u bob')
    expect(stdout.trimEnd().split('\n').map(line => (JSON.parse(line) as { exit: number }).exit)).toEqual([2, 0, 0])
    for (const bad of ['/nowhere/pw', '/', join(farm.session.home, 'empty')]) {
      writeFileSync(join(farm.session.home, 'empty'), '\nsecond\n')
      expect(farm.session.run(`whoami -u bob --password-file ${bad}`), bad).toMatchObject({ exit: 2, stderr: expect.stringContaining('usage.argument') as string })
    }
  })

  it.skipIf(!hasTerminal)('are asked for at a terminal, unseen: three times, once for a whole shell, and twice when they are new', async () => {
    const farm = new People()
    await farm.ok(`user create bob --role user --password-file ${farm.file('pw', phrase)}`)
    const list = new Terminal(farm.session, 'whoami -u bob -o name')
    await list.type('Password of bob:', 'not his password\r')
    await list.type('Wrong. Password of bob:', `${phrase}\r`)
    expect(await list.ended).toBe(0)
    expect(list.shown).not.toContain('not his')
    expect(list.shown).not.toContain('phrase')
    const never = new Terminal(farm.session, 'whoami -u bob')
    await never.type('Password of bob:', 'one\r')
    await never.type('Wrong. Password of bob:', 'two\r')
    await never.type('Wrong. Password of bob:', 'three\r')
    expect(await never.ended).toBe(4)
    const shell = new Terminal(farm.session, 'shell -u bob')
    // Before it stands the farm, or the manager that was named.
    await shell.type('> ', 'whoami -o name\r')
    await shell.type('Password of bob:', `${phrase}\r`)
    await shell.type('> ', 'user list -o name\r')
    await shell.type('> ', 'exit\r')
    expect(await shell.ended).toBe(0)
    const made = new Terminal(farm.session, 'user password alice')
    await made.type('New password of alice:', 'a third pass phrase\r')
    await made.type('Again:', 'a third pass phrase\r')
    expect(await made.ended).toBe(0)
    await farm.ok('whoami -u alice', { OVMCLI_PASSWORD: 'a third pass phrase' })
    const differing = new Terminal(farm.session, 'user create carl --role user')
    await differing.type('New password of carl:', 'a third pass phrase\r')
    await differing.type('Again:', 'a fourth pass phrase\r')
    expect(await differing.ended).toBe(2)
    // Where somebody is asked, that he gave none at first is no refusal; what he gave wrong is one.
    expect([...new Set((await farm.events('kind=auth.password')).map(event => event.message))]).toEqual([expect.stringMatching(/password (of|for) bob/)])
  })
})

describe('completion', () => {
  it('offers the users and groups that somebody sees, with his password, and disturbs nobody for one', async () => {
    const farm = new People()
    await farm.ok('group create web')
    await farm.ok('group add web alice')
    await farm.ok(`user password alice --password-file ${farm.file('pw', phrase)}`)
    const offered = (line: string, env: Record<string, string> = {}) => farm.session.runWith({ env }, `autocomplete words -- bash - = - ovmcli ${line}`, '').stdout
    expect(offered('user grant')).toBe('words\nadmin\nalice\noperator\n')
    expect(offered('user grant operator')).toBe('words\npool1\npool2\n')
    expect(offered('group add')).toBe('words\nweb\n')
    expect(offered('group add web', { OVMCLI_USER: 'alice', OVMCLI_PASSWORD: phrase })).toBe('words\nalice\n')
    expect(offered('group add', { OVMCLI_USER: 'alice', OVMCLI_PASSWORD_FILE: '-' })).toBe('')
    expect((await farm.events('kind~^auth')).filter(event => event.severity !== 'info')).toEqual([])
  })
})

describe('refusals', () => {
  it('leave an event each, seen by administrators and by whom they are about, and secrets in none', async () => {
    const farm = new People()
    await farm.ok(`user password alice --password-file ${farm.file('pw', phrase)}`)
    await farm.ok('user lock operator')
    await farm.run('vm list -u nobody')
    await farm.run('vm list -u operator')
    await farm.run('vm list -u alice', { OVMCLI_PASSWORD: 'guess-the-word' })
    await farm.run('server stop ovs1 --yes -u alice', { OVMCLI_PASSWORD: phrase })
    await farm.run('sim delete figure-8 --yes -u alice', { OVMCLI_PASSWORD: phrase })
    const refusals = async () => (await farm.events('kind~^auth')).filter(event => event.severity === 'warning')
    const events = await refusals()
    expect(events.map(({ kind, severity, user }) => [kind, severity, user])).toEqual([
      ['auth.unknown-user', 'warning', 'nobody'], ['auth.locked', 'warning', 'operator'], ['auth.password', 'warning', 'alice'], ['auth.denied', 'warning', 'alice'], ['auth.denied', 'warning', 'alice'],
    ])
    expect(events.at(-2)!.message).toBe('alice (user) may not use server stop')
    expect(JSON.stringify(events)).not.toMatch(/guess|phrase/)
    // The same again at the same moment is told once.
    await farm.run('vm list -u nobody')
    expect(await refusals()).toHaveLength(events.length)
    // What was refused of several is one event of the run.
    await farm.ok('vm create pub --pool pool1 --template ol5u5-pv --visibility public')
    await farm.run('vm start pub -u alice', { OVMCLI_PASSWORD: phrase })
    expect((await farm.events('kind=auth.denied')).at(-1)).toMatchObject({ user: 'alice', message: 'alice may look at guest pub, but not start it' })
    expect(await farm.ok("event list --filter kind~^auth -o json -u alice", { OVMCLI_PASSWORD: phrase })).not.toContain('nobody')
  })
})
