import { randomNumbers } from '../../common/random';
import type { Steps } from '../../common/turns';
import { expectedImprovement } from './acquisition';
import { evenPoint } from './sequence';
import type { Space } from './space';
import { Surrogate } from './surrogate';

/** What is tried next. */
export interface Proposal {
  /** In the unit cube of the space. */
  readonly point: readonly number[];
  /** Part of the full effort, from 0 to 1: of the data, say. */
  readonly budget: number;
}

/** What a method knows of a trial; undefined score: it failed. */
export interface Outcome extends Proposal {
  readonly score: number | undefined;
}

/**
 * A way to search: what to try next after these trials, undefined when there is nothing left to try. It depends on
 * nothing else, so that a search that was cut off goes on as if it had not been.
 */
export type Method = (history: readonly Outcome[]) => Steps<Proposal | undefined>;

/** Every point of a regular grid, one after the other. */
export function gridSearch(space: Space, levels: number): Method {
  const points = [...space.grid(levels)];
  // eslint-disable-next-line require-yield
  return function* (history) {
    const point = points[history.length];
    return point && { point, budget: 1 };
  };
}

/** Points that fill the space evenly, none twice. */
export function randomSearch(space: Space, seed: number): Method {
  // eslint-disable-next-line require-yield
  return function* (history) {
    const point = newPoint(space, seed, history);
    return point && { point, budget: 1 };
  };
}

/**
 * Many points with little effort; the best of them, one in `reduction`, with `reduction` times as much, and so on
 * up to the full effort (K. Jamieson and A. Talwalkar, AISTATS 2016).
 *
 * @param count of points at the beginning.
 * @param minimumBudget effort at the beginning, about; the efforts are powers of 1/reduction.
 */
export function successiveHalving(
  space: Space,
  seed: number,
  { count, reduction, minimumBudget }: HalvingOptions,
): Method {
  const last = Math.max(0, Math.round(Math.log(1 / minimumBudget) / Math.log(reduction)));
  const sizes = Array.from({ length: last + 1 }, (_, rung) =>
    Math.max(1, Math.floor(count / reduction ** rung)),
  );
  // eslint-disable-next-line require-yield
  return function* (history) {
    let survivors: readonly Outcome[] | undefined;
    for (const [rung, size] of sizes.entries()) {
      const budget = reduction ** (rung - last);
      const done = history.filter((outcome) => outcome.budget === budget);
      if (done.length < size) {
        const point = survivors ? survivors[done.length]?.point : newPoint(space, seed, done);
        if (point) return { point, budget };
      }
      survivors = done.filter(succeeded).sort((a, b) => a.score - b.score);
    }
    return undefined;
  };
}

export interface HalvingOptions {
  readonly count: number;
  readonly reduction: number;
  readonly minimumBudget: number;
}

/** Trials that the surrogate is fitted to, at most: those with the lowest scores. */
const mostFitted = 200;
/** Points among which the next one is picked. */
const candidates = 1000;
/** Of the best trials, so many have candidates around them. */
const neighbourhoods = 3;

/**
 * After some evenly spread points, each next one is where a Gaussian process of the scores expects most
 * improvement (J. Mockus 1975; D. R. Jones et al., J. Global Optim. 13, 455, 1998).
 */
export function bayesianSearch(space: Space, seed: number): Method {
  const { dimensions } = space;
  const first = dimensions.length + 4;
  return function* (history) {
    const fresh = newPoint(space, seed, history);
    const scored = history.filter(succeeded);
    if (!fresh || history.length < first || scored.length < 2) {
      return fresh && { point: fresh, budget: 1 };
    }
    const outcomes = ranked(space, history).slice(0, mostFitted);
    // One bad trial must not flatten all the others: what is far above the median is bad enough at that.
    const scores = outcomes.map(({ score }) => score);
    const [best, median] = [scores[0]!, scores[scores.length >> 1]!];
    const ceiling = median + 2 * (median - best);
    const clipped = ceiling > best ? scores.map((score) => Math.min(score, ceiling)) : scores;
    const surrogate = yield* Surrogate.fitting(
      dimensions,
      outcomes.map(({ point }) => point),
      clipped,
    );

    const random = randomNumbers(seed + history.length + 1);
    const seen = keysOf(space, history);
    let next = fresh;
    let most = -Infinity;
    const consider = (point: readonly number[]) => {
      if (seen.has(keyOf(space, point))) return;
      const gain = expectedImprovement(surrogate.at(space.snap(point)), best);
      if (gain > most) [next, most] = [[...point], gain];
    };
    for (let k = 0; k < candidates; k++) {
      consider(evenPoint(k, dimensions.length, seed + history.length + 1));
      if (k % 50 === 0) yield;
    }
    for (const { point } of outcomes.slice(0, neighbourhoods)) {
      for (let k = 0; k < candidates / 10; k++) {
        const reach = 0.3 * 0.01 ** random();
        const near = point.map((x) => x + reach * (2 * random() - 1));
        consider(near.map((x) => Math.min(1, Math.max(0, x))));
      }
      yield;
    }
    return { point: next, budget: 1 };
  };
}

/**
 * Trials with the middles of the cells of their values, the best first; one of them at least succeeded. A failed trial
 * counts as bad as the worst.
 */
export function ranked(
  space: Space,
  history: readonly Outcome[],
): { readonly point: readonly number[]; readonly score: number }[] {
  const worst = Math.max(...history.filter(succeeded).map(({ score }) => score));
  return history
    .map(({ point, score }) => ({ point: space.snap(point), score: score ?? worst }))
    .sort((a, b) => a.score - b.score);
}

export const succeeded = (outcome: Outcome): outcome is Outcome & { score: number } =>
  outcome.score !== undefined;

const keyOf = (space: Space, point: readonly number[]) => JSON.stringify(space.valuesAt(point));
const keysOf = (space: Space, outcomes: readonly Outcome[]) =>
  new Set(outcomes.map(({ point }) => keyOf(space, point)));

/** So many points in a row that were tried before mean that there are hardly any others. */
const patience = 1000;

/** The first point of the even sequence whose values are new; undefined when the space is used up. */
function newPoint(space: Space, seed: number, outcomes: readonly Outcome[]): number[] | undefined {
  const seen = keysOf(space, outcomes);
  for (let k = 0; k < outcomes.length + patience; k++) {
    const point = evenPoint(k, space.dimensions.length, seed);
    if (!seen.has(keyOf(space, point))) return point;
  }
  return undefined;
}
