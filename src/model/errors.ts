import type { ExitCode } from './exit-codes.js'

/**
 * Every error code there is, with the exit code of a command that ends with it alone and what it means.
 * `help errors`, the docs and the tests read this table. Codes are `kind.reason` and never change meaning.
 */
export const errorCodes = {
  'usage.argument': { exit: 2, meaning: 'an argument or flag is missing, unknown or malformed' },
  'usage.command': { exit: 2, meaning: 'there is no such command' },
  'usage.name': { exit: 2, meaning: 'a new name breaks the rule for names' },
  'usage.password': { exit: 2, meaning: 'a new password breaks the rule for passwords: 10 characters or more, and not the name' },
  'usage.filter': { exit: 2, meaning: 'a filter, column or sort names an unknown field or holds a bad value' },
  'usage.query': { exit: 2, meaning: '--query is no JMESPath, or cannot be asked of this output' },
  'usage.config': { exit: 2, meaning: 'the configuration or an OVMCLI_ variable holds a bad value' },
  'usage.nothing-selected': { exit: 2, meaning: 'an acting verb was given nothing to act on' },
  'usage.ambiguous': { exit: 2, meaning: 'a plain name exists in more than one pool' },
  'usage.request': { exit: 2, meaning: 'a request to the manager does not have the shape of the contract' },
  'usage.request-key': { exit: 2, meaning: 'the request key was used for another operation' },
  'not-found.vm': { exit: 3, meaning: 'no such guest, or none that you may see' },
  'not-found.server': { exit: 3, meaning: 'no such server' },
  'not-found.pool': { exit: 3, meaning: 'no such server pool' },
  'not-found.template': { exit: 3, meaning: 'no such template' },
  'not-found.iso': { exit: 3, meaning: 'no such ISO' },
  'not-found.image': { exit: 3, meaning: 'no such image' },
  'not-found.disk': { exit: 3, meaning: 'no such shared disk' },
  'not-found.user': { exit: 3, meaning: 'no such user, or none that you may see' },
  'not-found.group': { exit: 3, meaning: 'no such group, or none that you may see' },
  'not-found.repo': { exit: 3, meaning: 'no such repository' },
  'not-found.job': { exit: 3, meaning: 'no such job, or none that you may see' },
  'not-found.run': { exit: 3, meaning: 'no such run, or none that you may see' },
  'not-found.event': { exit: 3, meaning: 'no such event, or none that you may see' },
  'not-found.match': { exit: 3, meaning: 'the narrowing matches nothing' },
  'not-found.fault': { exit: 3, meaning: 'no such fault on this farm' },
  'farm.none': { exit: 3, meaning: 'there is no farm to work on' },
  'farm.not-found': { exit: 3, meaning: 'there is no farm of that name' },
  'profile.not-found': { exit: 3, meaning: 'there is no profile of that name' },
  'usage.remote': { exit: 2, meaning: 'the command works on farms of this machine, and a manager elsewhere was named' },
  'farm.preset': { exit: 2, meaning: 'there is no such preset, or it has no such setting' },
  'sim.fault': { exit: 2, meaning: 'there is no such fault, or it cannot be had that way' },
  'farm.exists': { exit: 5, meaning: 'a farm of that name exists already' },
  'auth.unknown-user': { exit: 4, meaning: 'nobody of that name may log in' },
  'auth.locked': { exit: 4, meaning: 'the account is locked' },
  'auth.password': { exit: 4, meaning: 'the user has a password, and none or a wrong one was given' },
  'auth.token': { exit: 4, meaning: 'the login with a manager has expired or was revoked' },
  'auth.throttled': { exit: 4, meaning: 'too many wrong passwords: the login waits for a while' },
  'auth.denied': { exit: 4, meaning: 'the role may never use this verb, or not on this object' },
  'guard.confirm': { exit: 5, meaning: 'the operation wants a confirmation and got none' },
  'guard.expect': { exit: 5, meaning: 'another number of targets than --expect' },
  'guard.max-targets': { exit: 5, meaning: 'more targets than --max-targets' },
  'guard.max-share': { exit: 5, meaning: "more than --max-share of a pool's objects" },
  'vm.exists': { exit: 5, meaning: 'a guest of that name exists in the pool already' },
  'vm.mac': { exit: 5, meaning: 'another guest has that network address' },
  'template.exists': { exit: 5, meaning: 'a template of that name exists in the pool already' },
  'user.exists': { exit: 5, meaning: 'a user of that name exists already' },
  'user.unchanged': { exit: 5, meaning: 'it was already so, and --strict was given' },
  'user.last-admin': { exit: 5, meaning: 'the last active administrator can be neither removed nor demoted nor locked' },
  'user.self': { exit: 5, meaning: 'nobody locks or deletes himself' },
  'user.owns': { exit: 5, meaning: 'the user owns guests; --new-owner gives them to another' },
  'user.role': { exit: 5, meaning: 'pools are granted to managers, and the user is none' },
  'group.exists': { exit: 5, meaning: 'a group of that name exists already' },
  'group.unchanged': { exit: 5, meaning: 'it was already so, and --strict was given' },
  'group.in-use': { exit: 5, meaning: 'guests belong to the group' },
  'image.exists': { exit: 5, meaning: 'an image of that name exists in the pool already' },
  'iso.exists': { exit: 5, meaning: 'an ISO of that name exists in the pool already' },
  'vm.state': { exit: 5, meaning: "the operation is not allowed in the guest's state" },
  'vm.config': { exit: 5, meaning: 'the change does not go with what the guest is; details.faults lists all that is wrong' },
  'vm.disk-in-use': { exit: 5, meaning: 'the device is a disk of another guest, or holds a repository' },
  'not-found.nic': { exit: 3, meaning: 'the guest has no such network card' },
  'not-found.vm-disk': { exit: 3, meaning: 'the guest has no such disk' },
  'vm.unchanged': { exit: 5, meaning: 'it was already so, and --strict was given' },
  'vm.shutdown-timeout': { exit: 5, meaning: 'the guest did not go down within its grace time' },
  'vm.error': { exit: 5, meaning: 'the guest went into error' },
  'vm.crashed': { exit: 5, meaning: 'the guest crashed' },
  'vm.locked': { exit: 5, meaning: "the lock on the guest's files is held" },
  'vm.copy-failed': { exit: 5, meaning: 'copying to or from the repository failed half way' },
  'vm.missing': { exit: 5, meaning: 'the guest is not on any server of its pool, nor are its files' },
  'iso.state': { exit: 5, meaning: "the operation is not allowed in the ISO's state" },
  'repo.in-use': { exit: 5, meaning: 'the device or export holds a repository already, or is the disk of a guest' },
  'repo.kind': { exit: 5, meaning: 'a pool with local storage takes local disks only' },
  'repo.not-empty': { exit: 5, meaning: 'something lies in the repository; details.holds lists what' },
  'repo.root': { exit: 5, meaning: 'the root of a pool stays while there are other repositories, or HA' },
  'repo.ha': { exit: 5, meaning: 'the HA of the pool has its heartbeat and its lock on the root, which stays where it is meanwhile' },
  'repo.busy': { exit: 5, meaning: 'guests run from the root of a pool before 2.2, so that it cannot be mounted elsewhere' },
  'repo.state': { exit: 5, meaning: "the operation is not allowed in the repository's state" },
  'repo.unchanged': { exit: 5, meaning: 'it was already so, and --strict was given' },
  'disk.exists': { exit: 5, meaning: 'a shared disk of that name exists in the pool already' },
  'disk.attached': { exit: 5, meaning: 'guests have the shared disk attached; details.guests lists them' },
  'disk.device': { exit: 5, meaning: 'the guest has another disk by that device name, cannot have one by it, or has no name left' },
  'disk.pool': { exit: 5, meaning: 'the guest is in another pool than the shared disk' },
  'disk.state': { exit: 5, meaning: "the operation is not allowed in the shared disk's state" },
  'template.state': { exit: 5, meaning: "the operation is not allowed in the template's state" },
  'image.state': { exit: 5, meaning: "the operation is not allowed in the image's state" },
  'template.in-use': { exit: 5, meaning: 'guests are being made of the template; details.users names them' },
  'iso.in-use': { exit: 5, meaning: 'the ISO is in the drives of guests; details.users names them' },
  'template.unchanged': { exit: 5, meaning: 'it was already so, and --strict was given' },
  'iso.unchanged': { exit: 5, meaning: 'it was already so, and --strict was given' },
  'vm.os-mode': { exit: 5, meaning: 'the operating system does not run in that mode: Windows and Solaris are hvm only' },
  'server.lost': { exit: 5, meaning: 'the server went down under the guest' },
  'server.state': { exit: 5, meaning: "the operation is not allowed in the server's state" },
  'server.unchanged': { exit: 5, meaning: 'it was already so, and --strict was given' },
  'server.exists': { exit: 5, meaning: 'a server has that name, or a server or virtual IP that address, already' },
  'server.owned': { exit: 5, meaning: 'the server belongs to another manager; --force takes it' },
  'server.guests': { exit: 5, meaning: 'guests run on the server: they have to be moved off it, or go down with it' },
  'server.evacuation': { exit: 5, meaning: 'guests could not be moved off the server; details.blockers lists why' },
  'migrate.blocked': { exit: 5, meaning: 'rules forbid the migration; details.blockers lists them all' },
  'capacity.memory': { exit: 5, meaning: 'no server has enough free memory' },
  'capacity.vcpus': { exit: 5, meaning: 'no server has enough free virtual CPUs' },
  'capacity.space': { exit: 5, meaning: 'no repository of the pool has enough free space' },
  'capacity.server': { exit: 5, meaning: 'no server of the pool may run guests now' },
  'pool.no-ha': { exit: 5, meaning: 'the pool has no HA, so nothing in it can' },
  'pool.no-utility': { exit: 5, meaning: 'no server with the utility role is up in the pool, so nothing can be made, copied, moved or removed there' },
  'pool.no-repository': { exit: 5, meaning: 'the pool has no active repository' },
  'pool.no-master': { exit: 5, meaning: 'the pool has no master, so nothing in it can change' },
  'pool.exists': { exit: 5, meaning: 'a pool of that name exists already' },
  'pool.local': { exit: 5, meaning: 'a pool with local storage holds one server, and has neither HA nor a virtual IP' },
  'pool.ha': { exit: 5, meaning: 'HA of a pool needs a shared root repository, and stays while guests count on it' },
  'pool.storage': { exit: 5, meaning: 'the pool has repositories of the other kind of storage' },
  'pool.roles': { exit: 5, meaning: 'a pool with servers has one master, and at least one utility and one virtual machine server' },
  'pool.guests': { exit: 5, meaning: 'the pool holds guests, images or shared disks, which would be lost' },
  'pool.unchanged': { exit: 5, meaning: 'it was already so, and --strict was given' },
  'pool.owned': { exit: 5, meaning: 'the pool belongs to another manager' },
  'agent.password': { exit: 5, meaning: "the agent does not take that password" },
  'agent.refused': { exit: 5, meaning: 'the agent refused the request' },
  'agent.unreachable': { exit: 8, meaning: 'the agent does not answer, so nothing was asked of it' },
  'agent.no-answer': { exit: 7, meaning: 'the agent was asked, and what came of it is not known: look before asking again' },
  'import.url': { exit: 2, meaning: 'the address, proxy or checksum of an import is malformed, or of a kind that nothing is fetched by' },
  'import.not-found': { exit: 5, meaning: 'there is nothing at the source of the import' },
  'import.refused': { exit: 5, meaning: 'the source of the import, or the proxy before it, does not give it away' },
  'import.unreachable': { exit: 8, meaning: 'the source of the import, or the proxy before it, does not answer' },
  'import.untrusted': { exit: 8, meaning: 'the certificate of the source of the import is not to be trusted' },
  'import.cut': { exit: 8, meaning: 'the transfer of the import broke off, or brought another length than announced' },
  'import.too-big': { exit: 5, meaning: 'the import is bigger than what there is room for' },
  'import.checksum': { exit: 5, meaning: 'what came has another checksum than what was to come' },
  'import.write': { exit: 8, meaning: 'what is imported cannot be written' },
  'import.vm-cfg': { exit: 5, meaning: 'the vm.cfg of an import has faults; details.faults lists them by line' },
  'import.archive': { exit: 5, meaning: 'what came is neither a disk nor a sound tar archive of a guest' },
  'run.deadline': { exit: 7, meaning: 'the deadline passed before the outcome was seen, or the work would not end before --finish-by' },
  'run.interrupted': { exit: 7, meaning: 'the command was interrupted before the outcome was seen' },
  'run.stopped': { exit: 5, meaning: 'not begun, because earlier failures ended the run (--on-error stop, --max-failures)' },
  'run.canary': { exit: 5, meaning: 'not begun, because not all of the canary succeeded' },
  'run.secret': { exit: 5, meaning: 'a password is kept no longer than until its run is carried out: give it anew' },
  'run.retried': { exit: 5, meaning: 'not begun: another run has taken it over (run retry)' },
  'undo.impossible': { exit: 5, meaning: 'nothing can take back what the run did' },
  'job.aborted': { exit: 5, meaning: 'somebody aborted it (job abort), and it was undone or never begun' },
  'job.ended': { exit: 5, meaning: 'the job had ended, or was too far on to be undone' },
  'wait.endless': { exit: 7, meaning: 'nothing that is due can bring about what is waited for' },
  'console.viewer': { exit: 8, meaning: 'there is no VNC viewer, or it failed' },
  'report.write': { exit: 8, meaning: 'a report file could not be written; stdout has it all' },
  'output.write': { exit: 8, meaning: 'standard output could not be written' },
  'cache.write': { exit: 8, meaning: 'the cache folder cannot be written' },
  'lease.held': { exit: 9, meaning: 'another change of the same object is under way' },
  'store.corrupt': { exit: 8, meaning: 'the database is damaged or not ours' },
  'store.full': { exit: 8, meaning: 'no space is left for the database, or for another file of a farm or the configuration' },
  'store.newer': { exit: 8, meaning: 'the database was written by a newer ovmcli' },
  'store.older': { exit: 8, meaning: 'the database was written by an older ovmcli' },
  'store.read-only': { exit: 8, meaning: 'the database, or another file of a farm or the configuration, cannot be written' },
  'store.unreadable': { exit: 8, meaning: 'the disk with the database fails' },
  'store.busy': { exit: 8, meaning: 'another process kept the database locked for too long' },
  'manager.unreachable': { exit: 8, meaning: 'the manager does not answer: nobody listens there, or the way to it is cut' },
  'manager.busy': { exit: 8, meaning: 'the manager has too much to do, or is being stopped' },
  'manager.certificate': { exit: 8, meaning: 'the certificate of the manager is not the one that is trusted' },
  'manager.host': { exit: 8, meaning: 'the certificate of the manager is for another host' },
  'manager.plain': { exit: 8, meaning: 'one side speaks TLS and the other does not' },
  'manager.answer': { exit: 8, meaning: 'what answers is no manager of ours, or its answer is cut off or malformed' },
  'manager.answer-size': { exit: 8, meaning: 'the answer is larger than what is read' },
  'manager.request-size': { exit: 2, meaning: 'the request is larger than what a manager reads' },
  'manager.http': { exit: 8, meaning: 'the manager, or a proxy before it, answers with an error of HTTP' },
  'manager.version': { exit: 8, meaning: 'the manager speaks another version of the contract' },
  'manager.listen': { exit: 8, meaning: 'the manager cannot listen at that address and port' },
  'manager.served': { exit: 5, meaning: 'the farm is being served by a manager' },
  'manager.initialised': { exit: 5, meaning: 'the manager of the farm has its certificate already' },
  'manager.not-initialised': { exit: 5, meaning: 'the manager of the farm has no certificate yet' },
  'manager.backup': { exit: 8, meaning: 'the backup cannot be written or read, or is damaged' },
  'manager.no-answer': { exit: 7, meaning: 'the manager was asked, and what came of it is not known: look before asking again' },
  'defect.internal': { exit: 1, meaning: 'a defect of ovmcli itself' },
} as const satisfies Record<string, { exit: ExitCode; meaning: string }>

/** A stable error code. */
export type ErrorCode = keyof typeof errorCodes

/** An error as plain data: what reports, JSON output and the wire carry. */
export interface Fault {
  code: ErrorCode
  message: string
  hint: string | null
  details: unknown
}

/** The longest message of an error, in characters: it may quote what somebody wrote, and is to stay a line or few. */
const longestMessage = 1_000

/** An expected error: what happened, to what, and what to do next. Everything else that is thrown is a defect. */
export class Refusal extends Error {
  readonly code: ErrorCode
  readonly hint: string | null
  readonly details: unknown

  constructor(code: ErrorCode, message: string, hint: string | null = null, details: unknown = null) {
    super(message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message)
    this.name = 'Refusal'
    this.code = code
    this.hint = hint
    this.details = details
  }

  /** The exit code of a command that ends with this error. */
  get exit(): ExitCode {
    return errorCodes[this.code].exit
  }

  /** The error as plain data. */
  get fault(): Fault {
    return { code: this.code, message: this.message, hint: this.hint, details: this.details }
  }

  /** The refusal that a fault describes. */
  static from(fault: Fault): Refusal {
    return new Refusal(fault.code, fault.message, fault.hint, fault.details)
  }
}
