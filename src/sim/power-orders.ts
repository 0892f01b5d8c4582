import { Refusal } from '../model/errors.js'
import { newActivity } from './activity.js'
import type { PowerOrder, Scene } from './orders.js'
import { physics } from './physics.js'
import type { ActivityRow, HostRow } from './schema.js'

/** Whether an order is for the service of the agent. */
function isAgentOrder(kind: PowerOrder['kind']): kind is AgentOrder {
  return kind.startsWith('agent-')
}

type AgentOrder = Extract<PowerOrder['kind'], `agent-${string}`>

/** Begins work on the service of the agent: it is down from the first moment of a restart on. */
function beginAgent(scene: Scene, host: HostRow, kind: AgentOrder, activity: ActivityRow, refused: (why: string, hint: string) => Refusal): void {
  if (host.power !== 'on') throw refused('is not up', 'its agent comes up with it: server start')
  if (kind === 'agent-start' && host.agent === 'running') throw refused('has its agent running', 'where it does not answer, agent restart')
  if (kind === 'agent-stop' && host.agent === 'stopped') throw refused('has its agent stopped', 'agent start')
  activity.due_at = scene.nowMs + { 'agent-start': physics.agentStartMs, 'agent-stop': physics.agentStopMs, 'agent-restart': (host.agent === 'running' ? physics.agentStopMs : 0) + physics.agentStartMs }[kind]
  if (kind === 'agent-restart') {
    host.agent = 'stopped'
    const down = scene.faults.of('agent-down', host.id)
    if (down && down.until_at === null) {
      // It lasted until somebody would do something about it: that is now.
      Object.assign(down, { state: 'over', until_at: scene.nowMs })
      scene.faults.changed.add(down)
    }
    scene.changedHosts.add(host)
  }
  scene.powerChanging.add(host.id)
  scene.activities.push(activity)
}

/**
 * Begins work on the power of a server in a scene. A cycle goes off first; that it boots then stands in its tail. Pure but for the
 * scene; nothing is changed when it throws. @throws Refusal agent.refused
 */
export function beginPower(scene: Scene, order: PowerOrder): void {
  const host = scene.hosts.get(order.hostId)
  if (!host) throw new Refusal('agent.refused', `there is no server ${order.hostId}`, 'server list shows what there is')
  const refused = (why: string, hint: string) => new Refusal('agent.refused', `server ${host.name} ${why}`, hint)
  if (scene.powerChanging.has(host.id)) throw refused('is being switched or its agent restarted already', 'wait for that to end')
  const activity = newActivity(order.kind, order.ticket.job, host.id, order.ticket.session, null)
  if (isAgentOrder(order.kind)) return beginAgent(scene, host, order.kind, activity, refused)
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
