import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfAborted } from '../errors';

/** Work of JavaScript that yields wherever it may pause, every half millisecond or so. */
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
    await giveTurn();
  }
}

/** Gives others their turn if it is time. */
export async function giveTurnIfDue(): Promise<void> {
  if (isTurnDue()) await giveTurn();
}

/** Maps items in steps. */
export function* mapping<Item, Result>(
  items: Iterable<Item>,
  map: (item: Item, index: number) => Result,
): Steps<Result[]> {
  const pace = new Pace();
  const results: Result[] = [];
  for (const item of items) {
    results.push(map(item, results.length));
    if (pace.passed(workPerItem)) yield;
  }
  return results;
}

/** Says when a step is long enough. Looks at the clock after some work, counted in numbers copied or the like. */
export class Pace {
  private work = 0;

  /** @param untilLook work that is done before the clock is looked at for the first time. */
  constructor(private untilLook = workBetweenLooks) {}

  /** Adds work; true when it is time to pause. */
  passed(work: number): boolean {
    this.work += work;
    if (this.work < this.untilLook) return false;
    this.work = 0;
    this.untilLook = workBetweenLooks;
    return isTurnDue();
  }
}

/** Some nanoseconds each, some ten while the code is new to the compiler. */
const workBetweenLooks = 2 ** 11;
const workPerItem = 2 ** 8;
const millisecondsPerTurn = 0.5;

/**
 * When the event loop last had its turn from any work here. One clock for all, since a step may follow another
 * that has just ended without a turn between them.
 */
let lastTurn = -Infinity;

const isTurnDue = () => performance.now() - lastTurn > millisecondsPerTurn;

async function giveTurn(): Promise<void> {
  await nextTurn();
  lastTurn = performance.now();
}
