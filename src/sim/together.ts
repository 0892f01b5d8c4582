interface Pending<Q, A> { question: Q; resolve: (answer: A) => void; reject: (error: unknown) => void }

/** Collects the questions of one moment and answers them together, so that a thousand servers share one commit. */
export class Together<Q, A> {
  private waiting: Pending<Q, A>[] = []

  constructor(private readonly answer: (questions: Q[]) => Promise<(A | Error)[]>) {}

  ask(question: Q): Promise<A> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) setImmediate(() => void this.flush())
      this.waiting.push({ question, resolve, reject })
    })
  }

  private async flush(): Promise<void> {
    const batch = this.waiting
    this.waiting = []
    try {
      const answers = await this.answer(batch.map(one => one.question))
      batch.forEach((one, at) => {
        const answer = answers[at]!
        if (answer instanceof Error) one.reject(answer)
        else one.resolve(answer)
      })
    } catch (error) {
      for (const one of batch) one.reject(error)
    }
  }
}
