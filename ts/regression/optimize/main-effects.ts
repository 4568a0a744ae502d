import type { Steps } from '../../common/turns';
import { ranked, succeeded } from './methods';
import type { Outcome } from './methods';
import { evenPoint } from './sequence';
import type { Json, Space } from './space';
import { Surrogate } from './surrogate';

/** What one dimension of a space does to scores, all others averaged over. */
export interface MainEffect {
  /** Part of the variance of scores over the space that it explains alone, from 0 to 1. */
  readonly part: number;
  /** The expected score at values from one end of the dimension to the other. */
  readonly expected: readonly { readonly value: Json; readonly score: number }[];
}

/** Trials that are looked at, at most. */
const mostFitted = 100;
/** Points of the space that are averaged over. */
const samples = 256;
/** Values of a range. */
const levels = 21;

/**
 * What each dimension does to scores, by the analysis of variance of a surrogate of the trials (F. Hutter, H. Hoos and
 * K. Leyton-Brown, ICML 2014, here with a Gaussian process); in the order of the dimensions. What the parts leave of 1
 * dimensions do together. Undefined where there are too few trials to say anything of it.
 */
export function* mainEffects(
  space: Space,
  history: readonly Outcome[],
): Steps<readonly MainEffect[] | undefined> {
  const { length } = space.dimensions;
  if (history.filter(succeeded).length < length + 4) return undefined;
  const all = ranked(space, history);
  const step = Math.max(1, all.length / mostFitted);
  const taken = Array.from(
    { length: Math.min(all.length, mostFitted) },
    (_, k) => all[Math.floor(k * step)]!,
  );
  const surrogate = yield* Surrogate.fitting(
    space.dimensions,
    taken.map(({ point }) => point),
    taken.map(({ score }) => score),
  );
  const points = Array.from({ length: samples }, (_, k) => evenPoint(k, length, 0));
  const total = variance(points.map((point) => surrogate.meanAt(space.snap(point))));
  const effects: MainEffect[] = [];
  for (let d = 0; d < length; d++) {
    const axis = space.axis(d, levels);
    const expected = [];
    for (const x of axis) {
      let sum = 0;
      for (const point of points) sum += surrogate.meanAt(space.snap(point.with(d, x)));
      expected.push({ value: space.valuesAt(points[0]!.with(d, x))[d]!, score: sum / samples });
      yield;
    }
    const scores = expected.map(({ score }) => score);
    // The ends of a range stand for half as much of it as other values.
    const weights = axis.map((x) => (x === 0 || x === 1 ? 0.5 : 1));
    effects.push({ part: variance(scores, weights), expected });
  }
  // Where all trials are alike there is nothing to explain, but for rounding.
  const isFlat = all[0]!.score === all.at(-1)!.score;
  const most = Math.max(
    total,
    effects.reduce((sum, { part }) => sum + part, 0),
  );
  return effects.map(({ part, expected }) => ({ part: isFlat ? 0 : part / most, expected }));
}

function variance(values: readonly number[], weights = values.map(() => 1)): number {
  const sum = (of: (value: number, index: number) => number) =>
    values.reduce((all, value, index) => all + weights[index]! * of(value, index), 0);
  const total = sum(() => 1);
  const mean = sum((value) => value) / total;
  return sum((value) => (value - mean) ** 2) / total;
}
