/** One line on a terminal that shows how far a run has come; nothing anywhere else. */
export class Progress {
  private shown = false

  constructor(private readonly what: string, private readonly enabled: boolean) {}

  show(settled: number, total: number): void {
    if (!this.enabled || total < 2) return
    process.stderr.write(`\r\u001b[K${this.what}: ${settled} of ${total}`)
    this.shown = true
  }

  clear(): void {
    if (this.shown) process.stderr.write('\r\u001b[K')
    this.shown = false
  }
}
