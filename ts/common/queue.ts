/** Runs calls one after the other, in the order in which they come; one that fails does not stop those behind it. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(call: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(call);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
