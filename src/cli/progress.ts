import { displayWidth, fitting } from './display-width.js'
import { Pace } from './pace.js'
import { printable } from './streams.js'

/** The shortest time between two redraws, in milliseconds: ten a second. */
const redrawMs = 100
const eraseLine = '\r\u001b[K'

/** The terminal that progress is drawn on; `columns` is its width in cells. */
export interface ProgressTerminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** What progress stands on; tests bring their own. */
export interface ProgressGround {
  terminal: ProgressTerminal
  /** a steady clock, in milliseconds */
  now(): number
}

/** One line on a terminal that shows how far a run has come: `vm start: 120 of 1,000, 35/s, 25 s left`; nothing anywhere else. */
export class Progress {
  private readonly pace = new Pace()
  private readonly terminal: ProgressTerminal
  private readonly now: () => number
  private drawnAtMs = -Infinity
  private shown = false

  constructor(private readonly what: string, private readonly enabled: boolean, ground: Partial<ProgressGround> = {}) {
    this.terminal = ground.terminal ?? process.stderr
    this.now = ground.now ?? (() => performance.now())
  }

  show(settled: number, total: number): void {
    if (!this.enabled || this.terminal.isTTY !== true || total < 2) return
    const nowMs = this.now()
    this.pace.note(settled, nowMs)
    if (nowMs - this.drawnAtMs < redrawMs) return
    this.drawnAtMs = nowMs
    this.terminal.write(`${eraseLine}${fitted([`${printable(this.what)}: ${grouped(settled)} of ${grouped(total)}`, ...this.outlook(total - settled)], this.width())}`)
    this.shown = true
  }

  clear(): void {
    if (this.shown) this.terminal.write(eraseLine)
    this.shown = false
  }

  /** The rate and the time left, as far as they mean something. */
  private outlook(left: number): string[] {
    const perSecond = this.pace.perSecond()
    if (perSecond === null || left <= 0) return []
    return [rate(perSecond), `${duration(left / perSecond)} left`]
  }

  /** One cell less than the terminal has: some wrap when the last is taken. A width that nobody knows counts as 80. */
  private width(): number {
    return (this.terminal.columns || 80) - 1
  }
}

/** The parts that fit, in order; the first is cut when even that does not. */
function fitted(parts: readonly string[], width: number): string {
  let line = ''
  for (const part of parts) {
    const longer = line === '' ? part : `${line}, ${part}`
    if (displayWidth(longer) > width) return line === '' ? fitting(part, width) : line
    line = longer
  }
  return line
}

/** `35/s`, or by the minute or hour what is slower than one a second. */
function rate(perSecond: number): string {
  if (perSecond >= 1) return `${amount(perSecond)}/s`
  return perSecond * 60 >= 1 ? `${amount(perSecond * 60)}/min` : `${amount(perSecond * 3_600)}/h`
}

function amount(value: number): string {
  return value >= 9.95 ? grouped(Math.round(value)) : String(Math.round(value * 10) / 10)
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.max(1, Math.round(seconds))} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${grouped(Math.round(seconds / 3_600))} h`
}

/** `1,000` of 1000. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}
