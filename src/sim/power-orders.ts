import { Refusal } from '../model/errors.js'
import { newActivity } from './activity.js'
import type { PowerOrder, Scene } from './orders.js'
import { physics } from './physics.js'

/**
 * Begins work on the power of a server in a scene. A cycle goes off first; that it boots then stands in its tail. Pure but for the
 * scene; nothing is changed when it throws. @throws Refusal agent.refused
 */
export function beginPower(scene: Scene, order: PowerOrder): void {
  const host = scene.hosts.get(order.hostId)
  if (!host) throw new Refusal('agent.refused', `there is no server ${order.hostId}`, 'server list shows what there is')
  const refused = (why: string, hint: string) => new Refusal('agent.refused', `server ${host.name} ${why}`, hint)
  if (scene.powerChanging.has(host.id)) throw refused('is being switched on or off already', 'wait for that to end')
  const activity = newActivity(order.kind, order.ticket.job, host.id, order.ticket.session, null)
  if (order.kind === 'power-on') {
    if (host.power === 'on') throw refused('is on already', 'server list shows which are')
    const loss = scene.faults.of('server-power-loss', host.id)
    if (loss && loss.until_at !== null) throw refused('has no electricity', 'wait until power returns')
    if (loss) {
      // It lasted until somebody would switch the server on again: that is now.
      Object.assign(loss, { state: 'over', until_at: scene.nowMs })
      scene.faults.changed.add(loss)
    }
    activity.due_at = scene.nowMs + physics.serverBootMs
    host.power = 'starting'
    scene.changedHosts.add(host)
  } else {
    if (host.power !== 'on') throw refused('is off already', 'switch it on')
    activity.due_at = scene.nowMs + physics.serverShutdownMs
    activity.tail_ms = order.kind === 'power-cycle' ? physics.serverBootMs : 0
  }
  scene.powerChanging.add(host.id)
  scene.activities.push(activity)
}
