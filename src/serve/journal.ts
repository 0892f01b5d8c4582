/** What a line of the log says beside what happened; nothing of it is secret. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>

/** The log of a manager. */
export interface Journal {
  info(event: string, facts?: Facts): void
  warn(event: string, facts?: Facts): void
  error(event: string, facts?: Facts): void
}

/** A log of JSON lines: time, level, event and its facts. */
export function jsonJournal(write: (line: string) => void): Journal {
  const line = (level: string) => (event: string, facts: Facts = {}) => write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...facts })}\n`)
  return { info: line('info'), warn: line('warn'), error: line('error') }
}
