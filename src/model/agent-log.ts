import type { RunOperation } from './operations.js'

/**
 * The function of the agent that does an operation. start_vm, stop_vm, reset_vm, xen_migrate_vm and register_server are attested
 * (CloudStack's plugin for agent 2.3); the rest is named alike.
 */
const functions: Partial<Record<RunOperation, string>> = {
  'vm.start': 'start_vm', 'vm.stop': 'stop_vm', 'vm.reboot': 'reset_vm', 'vm.migrate': 'xen_migrate_vm', 'vm.pause': 'xen_pause_vm', 'vm.unpause': 'xen_unpause_vm', 'vm.suspend': 'xen_suspend_vm', 'vm.resume': 'xen_resume_vm',
  'vm.create': 'create_vm', 'vm.clone': 'clone_vm', 'vm.template': 'save_as_template', 'vm.move': 'move_vm', 'vm.delete': 'delete_vm',
}

/** The function of the agent that does an operation, as its log names it. */
export function agentFunction(operation: RunOperation): string {
  return functions[operation] ?? operation.replace(/[.-]/g, '_')
}

/** A line of an agent's log: the time in quotation marks, the level, what was called, and with what. @param atMs in UTC, as servers count */
export function logLine(atMs: number, level: 'INFO' | 'ERROR', text: string): string {
  return `"${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')}" ${level}=> ${text}`
}
