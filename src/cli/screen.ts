import { displayWidth, fitting } from './display-width.js'
import { streams } from './streams.js'
import { movesCursor } from './terminal-kind.js'

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
const eraseLine = '\u001b[K'
const eraseBelow = '\u001b[J'
const clear = '\u001b[2J\u001b[H'
const up = (lines: number) => `\u001b[${lines}A\r`
const colour = /(\u001b\[[0-9;]*m)/

/** What a screen is drawn on; tests bring their own. */
export interface ScreenTerminal {
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  write(text: string): Promise<void>
}

/** Whether output can be drawn over: a terminal that knows how to move its cursor. */
export function canRedraw(): boolean {
  return streams().outIsTerminal && movesCursor()
}

/** A picture on a terminal that is drawn again in place, each time in one write; what was above it stays, and so does the last one. */
export class Screen {
  private drawn = 0
  private hidden = false
  private picture = ''
  /** what to write before the next picture: the last one is not where it was */
  private afresh: string | null = ''
  private readonly onResize = () => {
    // Lines that were drawn before may have been broken: nobody knows how many there are now.
    this.afresh = clear
    this.changed()
  }
  private readonly onStop = () => {
    void this.terminal.write(showCursor)
    this.hidden = false
    process.kill(process.pid, 'SIGSTOP')
  }
  private readonly onContinue = () => {
    this.afresh = ''
    this.changed()
  }

  /** @param changed is told when the picture has to be drawn again: the terminal has another size, or shows us again */
  constructor(private readonly changed: () => void, private readonly terminal: ScreenTerminal = ourTerminal) {}

  /** Cells that a line may take: one less than there are, since some terminals wrap when the last is taken. */
  get width(): number {
    return Math.max(1, (this.terminal.columns || 80) - 1)
  }

  open(): void {
    process.stdout.on('resize', this.onResize)
    process.on('SIGTSTP', this.onStop)
    process.on('SIGCONT', this.onContinue)
  }

  /** Draws lines over what was drawn before, cut to the size of the terminal; nothing when it would be the same. */
  async draw(text: string): Promise<void> {
    const lines = fitted(text.replace(/\n$/, '').split('\n'), Math.max(1, (this.terminal.rows || 24) - 1), this.width)
    const picture = lines.map(line => `${eraseLine}${line}\n`).join('')
    if (picture === this.picture && this.afresh === null) return
    const start = `${this.hidden ? '' : hideCursor}${this.afresh ?? up(this.drawn)}`
    this.hidden = true
    this.afresh = null
    this.picture = picture
    this.drawn = lines.length
    await this.terminal.write(`${start}${picture}${eraseBelow}`)
  }

  async close(): Promise<void> {
    process.stdout.off('resize', this.onResize)
    process.off('SIGTSTP', this.onStop)
    process.off('SIGCONT', this.onContinue)
    if (this.hidden) await this.terminal.write(showCursor)
    this.hidden = false
  }
}

const ourTerminal: ScreenTerminal = {
  get columns() { return process.stdout.columns },
  get rows() { return process.stdout.rows },
  write: text => streams().out(text),
}

/** Lines that fit on so many lines of so many cells; how many did not is said on the last. */
function fitted(lines: readonly string[], height: number, width: number): string[] {
  const shown = lines.length <= height ? lines : [...lines.slice(0, height - 1), `… and ${lines.length - height + 1} more lines`]
  return shown.map(line => cutPainted(line, width))
}

/** A line in so many cells, its colours kept: they take none. */
export function cutPainted(line: string, width: number): string {
  let left = width
  let kept = ''
  // Every second part is a colour.
  for (const [at, part] of line.split(colour).entries()) {
    const shown = at % 2 === 1 ? part : fitting(part, left)
    kept += shown
    if (shown !== part) return at > 0 ? `${kept}\u001b[0m` : kept
    if (at % 2 === 0) left -= displayWidth(shown)
  }
  return kept
}
