import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfAborted } from '../errors';

/** Work of JavaScript that yields wherever it may pause, every millisecond or so. */
export type Steps<Result> = Generator<void, Result, void>;

/** Does all steps at once. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Does the first step at once and the others in turns of the event loop, so that nobody waits for long. */
export async function inTurns<Result>(steps: Steps<Result>, signal?: AbortSignal): Promise<Result> {
  for (;;) {
    throwIfAborted(signal);
    const { done, value } = steps.next();
    if (done) return value;
    await nextTurn();
  }
}

/** Says when a step is long enough: counts what was done, in numbers copied or the like. */
export class Pace {
  private work = 0;

  /** Adds work; true when it is time to pause. */
  passed(work: number): boolean {
    this.work += work;
    if (this.work < workPerStep) return false;
    this.work = 0;
    return true;
  }
}

/** Some nanoseconds each. */
const workPerStep = 2 ** 16;
