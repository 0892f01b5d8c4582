import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { Refusal } from '../../src/cli/refusal.js'
import { renderObject } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'
import type { Console, Manager } from '../../src/contract/manager.js'

export default class VmConsole extends BaseCommand {
  static override summary = 'where the console of a guest is, and a viewer on it'
  static override description = 'Shows the VNC address of a guest that runs or is paused: its server and the port. --open runs a viewer on it, OVMCLI_VNCVIEWER or vncviewer, and waits until it is closed; it gets the password in a file that is gone afterwards. The password is shown when it is asked for, and only to those who may change the guest.'
  static override usage = '<%= command.id %> VM [FLAGS]'
  static override examples = [
    '<%= config.bin %> vm console vm1',
    { description: 'For another viewer', command: "<%= config.bin %> vm console vm1 -o json --query 'join(`::`, [address, to_string(port)])'" },
  ]
  static override exampleFarm = ['vm start vm1']
  static override output = 'console' as const
  static override strict = false
  static override flags = {
    open: Flags.boolean({ description: 'open a viewer on it' }),
    'show-password': Flags.boolean({ description: 'show the password too' }),
  }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<CommonFlags & { open?: boolean; 'show-password'?: boolean }>()
    const [name, ...more] = argv
    if (name === undefined || more.length > 0) throw new Refusal('usage.argument', name === undefined ? 'no guest is named' : `${more.slice(0, 3).join(', ')} is too much`, 'write vm console VM')
    const look = this.look(flags)
    const manager = await this.manager(flags)
    const shown = await manager.console({ principal: this.principal(flags), name, password: flags['show-password'] ?? false })
    await writeOut(look.format === 'name' ? `${shown.address}:${shown.port}\n` : await renderObject(null, { ...shown }, look))
    if (!flags.open) return 0
    const { openViewer } = await import('../../src/cli/viewer.js')
    await openViewer(shown.address, shown.port, shown.password ?? (await this.passwordOf(manager, flags, shown)))
    return 0
  }

  /** The password, for the viewer; whoever may not know it may still look, and is asked by the viewer. */
  private async passwordOf(manager: Manager, flags: CommonFlags, { name, pool }: Console): Promise<string | null> {
    try {
      return (await manager.console({ principal: this.principal(flags), name: `${pool}/${name}`, password: true })).password ?? null
    } catch (error) {
      if (error instanceof Refusal && error.code === 'auth.denied') return null
      throw error
    }
  }
}
