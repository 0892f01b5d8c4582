import fc from 'fast-check'

/** Words that nobody means well. */
const nasty = [
  '', ' ', '-', '=', ',', ':', '/', '~', '*', '[', '[z-a]', '[!]', '?'.repeat(200), '*'.repeat(200), '\u001b[31mred', '\u001b]0;title\u0007', '\u009b31m', '\u202eevil', '\u200b', '\ufeff', '\r\n', '\t', 'a\nb', '\u007f',
  '../../../etc/passwd', '/etc/passwd', '/dev/null', '.', '..', '$(id)', '`id`', '; rm -rf /', '|| true', '%s%n%x', "' or 1=1 --", '"', "'", '\\', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'true', 'false',
  '-1', '0', '1e999', 'NaN', 'Infinity', '0x10', '08', '9'.repeat(40), '1.5', '-0', '٣', '９', '５m', 'İ', 'ß', '😀', '\u{1F468}\u200D\u{1F469}', '\ud800', 'é', 'e\u0301', 'x'.repeat(63), 'x'.repeat(64), 'x'.repeat(4_096), 'x'.repeat(5_000),
  '{"id":1}', '{"name":"vm1"}', '[]', '{', '#', '# x', 'vm1,vm2', 'vm1 vm2', 'VM1', 'pool1/', '/vm1', 'pool1/vm1/x', 'a=b=c', '=x', 'a=', '--', '---', '--=', '-=', '--help', '-h', '--version', '--watch', '-5', '99999999999', '2010-13-45', '2010-07-28', '25:61',
  '(a+)+$', '(?<=a)', '(', '[', '\\', 'a{1000000}', '(?:a|a)*b', '.*.*.*.*=',
]

/** Any text at all, mostly short. */
export const garbage = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...nasty) }, { weight: 2, arbitrary: fc.string({ maxLength: 12 }) }, { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map(text => text.replaceAll('\u0000', '')) },
)

const fields = ['name', 'id', 'pool', 'state', 'memoryMiB', 'vcpus', 'ha', 'tags', 'tags.k', 'tags.tier', 'startedAt', 'roles', 'nics', 'error', 'at', 'severity', 'message', 'total', 'kind', 'subject', 'result', 'nope', '__proto__', 'constructor']
const field = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...fields) }, { weight: 1, arbitrary: garbage })
const fieldValue = fc.oneof(fc.constantFrom('vm1', 'running', 'powered-off|paused', '4GiB', '4096', '1', 'true', 'yes', '', '2010-07-28T00:00:00Z', '^vm[0-9]+$', 'vm', '"quoted"', "'quoted|x'"), garbage)
const blank = fc.constantFrom('', '', '', ' ', '  ', '\t')
const filter = fc.tuple(field, blank, fc.constantFrom('=', '!=', '<', '<=', '>', '>=', '~', '!~', '==', '=~', '<>', ''), blank, fieldValue).map(parts => parts.join(''))
const sort = fc.array(fc.tuple(field, fc.constantFrom('', '', ':desc', ':asc', ':down', ':')).map(parts => parts.join('')), { maxLength: 4 }).map(parts => parts.join(','))
const columns = fc.array(field, { maxLength: 5 }).map(parts => parts.join(','))
const queryPart = fc.constantFrom('name', 'state', '[]', '[*]', '[0]', '[-1]', '[?', ']', '.', '|', '&&', '||', '!', '==', '`1`', '`running`', "'x'", '(', ')', 'length(', 'sort_by(', 'map(', 'to_string(', 'nope(', '@', '&', ',', '{a:', '}', '*', 'items', 'error', '"q"', '[::0]', '[1:2:3]', ' ', '$', 'let $a = ')
const query = fc.oneof({ weight: 3, arbitrary: fc.array(queryPart, { maxLength: 9 }).map(parts => parts.join('')) }, { weight: 1, arbitrary: fc.constantFrom('[].name', 'length(@)', "[?state=='running'].name", 'items[].result', '@', 'keys(@)') })

const names = ['vm1', 'vm2', 'vm9', 'vm10', 'pool1/vm1', 'pool2/vm7', 'pool1', 'pool2', 'ovs1', 'ovs3', 'pool1/ovs2', 'vm*', 'pool1/*', '*', 'ovs?', 'vm[1-3]', 'nobody', 'figure-8', 'job-1', 'event-1', 'fault-1', 'agent-down', 'guest-crash', 'server-power-loss', 'reply-lost', 'lock-stuck', 'start', 'stop', 'vm', 'server', 'LAST-RUN']

/** Something that may stand where a name is expected. */
export const name = fc.oneof({ weight: 7, arbitrary: fc.constantFrom(...names) }, { weight: 3, arbitrary: garbage })

const numbers = ['0', '1', '2', '5', '10', '1000000']
const durations = ['0s', '1s', '90s', '5m', '1h30m', '1d', '250ms', '36500d', '5']
const times = ['2010-07-28T04:00:00Z', '2010-07-28', '04:00', '+2h', '5m', '1h', '2010-07-28T06:00:00+02:00', '9999-12-31', '0000-01-01']
const shares = ['0%', '25%', '100%', '3', '101%', '0.25']

/** Values that a flag may have, by its name; for others and beside them there is garbage. FROM, LINES, REPORT and SCRATCH are put in place by whoever runs the words. */
const known: Readonly<Record<string, fc.Arbitrary<string>>> = {
  filter, sort, columns, query,
  output: fc.constantFrom('table', 'wide', 'json', 'jsonl', 'yaml', 'csv', 'name'), user: fc.constantFrom('admin', 'operator', 'alice', 'nobody'), farm: fc.constantFrom('figure-8', 'other', 'nope'),
  pool: fc.constantFrom('pool1', 'pool2', 'nope'), server: fc.constantFrom('ovs1', 'ovs3', 'pool1/ovs2', 'nope'), state: fc.constantFrom('running', 'powered-off', 'active', 'paused', 'finished'), tag: fc.constantFrom('k', 'tier=web', 'a=b', 'k='), untag: fc.constantFrom('k', 'tier'),
  from: fc.constantFrom('FROM', 'FROM', 'FROM', '-', 'SCRATCH', 'SCRATCH/none'), report: fc.constantFrom('junit=REPORT', 'json=REPORT', 'json=SCRATCH', 'json=SCRATCH/none/x', 'xml=REPORT', 'json='),
  exclude: name, to: fc.constantFrom('auto', 'ovs1', 'ovs2', 'nope'), on: fc.constantFrom('ovs1', 'ovs2', 'nope'), for: fc.constantFrom('running', 'stopped', 'settled', '5m', '1s'), preset: fc.constantFrom('figure-6', 'figure-8', 'grid', 'nope'),
  timeout: fc.constantFrom(...durations), grace: fc.constantFrom(...durations), 'force-after': fc.constantFrom(...durations), 'lease-wait': fc.constantFrom(...durations), advance: fc.constantFrom('0s', '1s', '5m', '1d'), at: fc.constantFrom(...times, ...durations),
  since: fc.constantFrom(...times, ...durations), until: fc.constantFrom(...times), 'finish-by': fc.constantFrom(...times), 'max-share': fc.constantFrom(...shares), 'max-failures': fc.constantFrom(...shares), probability: fc.constantFrom(...shares), 'on-error': fc.constantFrom('continue', 'stop'),
  order: fc.constantFrom('tag:tier', 'tag:', 'tier'), 'request-key': fc.constantFrom('key-1', 'key-2'), reason: fc.constantFrom('why not', 'x'),
  pools: fc.constantFrom('1', '2', '0'), servers: fc.constantFrom('1', '2', '0'), guests: fc.constantFrom('1', '3', '0'), seed: fc.constantFrom('1', '7', '4294967295', '4294967296'),
  // A clock that runs lets commands wait in real time.
  rate: fc.constantFrom('0', '-1', 'x', '1000001'),
}

/** A value of a flag, good or bad. */
export function valueOf(flag: string, type: 'integer' | 'text'): fc.Arbitrary<string> {
  const good = known[flag] ?? (type === 'integer' ? fc.constantFrom(...numbers) : name)
  return fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: garbage })
}

const line = fc.oneof({ weight: 4, arbitrary: name }, { weight: 1, arbitrary: fc.record({ name: fc.oneof(name, fc.integer()), pool: fc.oneof(name, fc.constant(null)), id: name }, { requiredKeys: [] }).map(value => JSON.stringify(value)) }, { weight: 1, arbitrary: garbage })

/** The bytes of a --from file. */
export const listFile: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\r\n', '\r')).map(([lines, end]) => Buffer.from(lines.join(end))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) }, { weight: 1, arbitrary: fc.constant(new Uint8Array()) },
)
