import { operationWords, type RunOperation } from '../../src/model/operations.js'

type Line = (object: string) => string

const named: Line = object => object
const files: Line = pool => `new --pool ${pool} --path /nowhere/new`

/**
 * What stands behind the words of each operation's command, as little as can be, so that only permission is in its way: for an object, or for the
 * pool in which something is made. An operation that is missing here does not compile.
 */
const lines: Record<RunOperation, Line> = {
  'vm.start': named, 'vm.stop': named, 'vm.reboot': named, 'vm.pause': named, 'vm.unpause': named, 'vm.suspend': named, 'vm.resume': named, 'vm.delete': named, 'vm.reset-status': named,
  'vm.migrate': vm => `${vm} --to auto`,
  'vm.move': vm => `${vm} --repo /dev/sdb1`,
  'vm.update': vm => `${vm} --tag a=b`,
  'vm.nic-add': vm => `${vm} --bridge xenbr1`,
  'vm.nic-update': vm => `${vm} eth0 --bridge xenbr1`,
  'vm.nic-remove': vm => `${vm} eth0`,
  'vm.disk-add': vm => `${vm} --size-mib 10`,
  'vm.disk-remove': vm => `${vm} xvda`,
  'vm.cdrom-insert': vm => `${vm} --iso ol5u5.iso`,
  'vm.cdrom-eject': named,
  'vm.create': pool => `new --pool ${pool} --template ol5u5-pv`,
  'vm.clone': vm => `${vm} --name new`,
  'vm.template': vm => `${vm} --name new`,
  'repo.add': pool => `--pool ${pool} --device /dev/sdz1`,
  'repo.root': named, 'repo.remove': named,
  'disk.create': pool => `new --pool ${pool} --size-mib 10`,
  'disk.attach': disk => `${disk} ${besideOf(disk)}`, 'disk.detach': disk => `${disk} ${besideOf(disk)}`, 'disk.delete': named,
  'template.approve': named, 'image.approve': named, 'iso.approve': named, 'template.cancel': named, 'image.cancel': named, 'iso.cancel': named, 'template.delete': named, 'image.delete': named, 'iso.delete': named,
  'template.import': files, 'image.import': files, 'iso.import': pool => `new.iso --pool ${pool} --path /nowhere/new`, 'vm.import': files,
  'template.register': pool => `ol5u5-extra --pool ${pool}`, 'image.register': pool => `ol5u5-extra --pool ${pool}`, 'iso.register': pool => `ol5u5-extra.iso --pool ${pool}`,
  'server.start': named, 'server.stop': named, 'server.restart': named, 'server.remove': named, 'server.maintenance-on': named, 'server.maintenance-off': named,
  'server.update': server => `${server} --roles vm`,
  'agent.start': named, 'agent.stop': named, 'agent.restart': named,
  'agent.configure': server => `${server} --password-file PASSWORD`,
  'pool.create': () => 'new --server new=10.9.0.1',
  'pool.update': pool => `${pool} --rename other`, 'pool.delete': named, 'pool.refresh': named, 'pool.restore': named, 'pool.master': named,
  'pool.add-server': pool => `${pool} new --address 10.9.0.1`,
  'pool.remove-server': pool => `${pool} ${pool === 'pool2' ? 'ovs3' : 'ovs2'}`,
  'user.create': () => 'new --role user --password-file PASSWORD',
  'user.update': user => `${user} --email a@example.com`, 'user.delete': named,
  'user.password': user => `${user} --password-file PASSWORD`,
  'user.lock': named, 'user.unlock': named,
  'user.grant': user => `${user} pool1`, 'user.revoke': user => `${user} pool1`,
  'group.create': () => 'new', 'group.update': group => `${group} --description another`, 'group.delete': named,
  'group.add': group => `${group} admin`, 'group.remove': group => `${group} admin`,
}

/** A guest of everybody's in the pool of a shared disk. */
function besideOf(disk: string): string {
  return disk.startsWith('pool1') ? 'vm1' : 'vm7'
}

/** The words of a command that does an operation to an object, confirmed; `passwordFile` holds a password that it may give. */
export function lineOf(operation: RunOperation, object: string, passwordFile: string): string[] {
  return `${operationWords(operation)} ${lines[operation](object)} --yes`.replace('PASSWORD', passwordFile).split(' ')
}
