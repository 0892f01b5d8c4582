/** Whether this command ended something since it last waited: others may wait for that, and get their turn before time moves. */
export class Stir {
  private stirred = false

  mark(): void {
    this.stirred = true
  }

  /** Whether there was something; from now on there is nothing. */
  take(): boolean {
    const { stirred } = this
    this.stirred = false
    return stirred
  }
}
