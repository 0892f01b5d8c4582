/** A number as it is now, by labels. */
type Labels = Readonly<Record<string, string>>

const help = {
  ovmcli_calls_total: ['counter', 'Calls that were answered, by method and error code (ok: none)'],
  ovmcli_call_seconds_total: ['counter', 'Seconds spent in calls, by method'],
  ovmcli_logins_total: ['counter', 'Logins by result'],
  ovmcli_runs_driven: ['gauge', 'Runs that are driven now'],
  ovmcli_calls_under_way: ['gauge', 'Requests that are being answered now'],
  ovmcli_connections_unserved_total: ['counter', 'Connections that were let go without being served, by reason'],
  ovmcli_connections: ['gauge', 'Connections that are open now'],
  process_start_time_seconds: ['gauge', 'When the process began, in seconds since 1970'],
  process_cpu_seconds_total: ['counter', 'Processor time of the process, in seconds'],
  process_resident_memory_bytes: ['gauge', 'Resident memory of the process, in bytes'],
} as const
type Metric = keyof typeof help

/** How many methods and codes there are is bounded, so the labels are. */
export class Metrics {
  private readonly values = new Map<Metric, Map<string, number>>()

  add(metric: Metric, by: number, labels: Labels = {}): void {
    const text = labelText(labels)
    let of = this.values.get(metric)
    if (!of) this.values.set(metric, (of = new Map()))
    of.set(text, (of.get(text) ?? 0) + by)
  }

  /** The text format of Prometheus, version 0.0.4. @param now gauges as they are now */
  text(now: Partial<Record<Metric, number>>): string {
    const cpu = process.cpuUsage()
    const gauges: Partial<Record<Metric, number>> = {
      ...now, process_start_time_seconds: Math.round(Date.now() / 1_000 - process.uptime()), process_cpu_seconds_total: (cpu.user + cpu.system) / 1e6, process_resident_memory_bytes: process.memoryUsage.rss(),
    }
    return (Object.keys(help) as Metric[]).flatMap(metric => {
      const gauge = gauges[metric]
      const values = gauge === undefined ? [...(this.values.get(metric) ?? [])] : [['', gauge] as const]
      if (values.length === 0) return []
      const [type, meaning] = help[metric]
      return [`# HELP ${metric} ${meaning}`, `# TYPE ${metric} ${type}`, ...values.map(([labels, value]) => `${metric}${labels} ${value}`)]
    }).join('\n') + '\n'
  }
}

function labelText(labels: Labels): string {
  const entries = Object.entries(labels)
  return entries.length === 0 ? '' : `{${entries.map(([name, value]) => `${name}="${value.replace(/["\\\n]/g, '_')}"`).join(',')}}`
}
