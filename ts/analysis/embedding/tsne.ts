import type { Matrix } from '../../common/matrix';
import { checkMemory, memoryKeys } from '../../common/memory';
import type { MemoryOptions } from '../../common/memory';
import { asyncKeys, checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { integerBetween, numberThat, validate } from '../../common/validation';
import { InvalidInputError } from '../../errors';
import { callAsync } from '../../native/call';
import type { AsyncOptions } from '../../native/call';
import { native } from '../../native/load';
import { checkPoints } from '../points';
import type { Points } from '../points';
import { planarStart } from './planar-start';

export interface TsneOptions extends AsyncOptions, MemoryOptions {
  /** About how many neighbours each point looks at. Default 30, or a third of the points. */
  readonly perplexity?: number | undefined;
  /** Default 1000. */
  readonly iterations?: number | undefined;
  /** Seed of a small random part of the start. Default 0. */
  readonly seed?: number | undefined;
}

const tsneKeys: KeysOf<TsneOptions> = {
  ...asyncKeys,
  ...memoryKeys,
  perplexity: true,
  iterations: true,
  seed: true,
};

/** A map of N points, N × 2. */
export interface TsneMap extends Matrix {
  /** Kullback–Leibler divergence at the end: how much the map distorts, the less the better. */
  readonly divergence: number;
}

/**
 * t-SNE: a map on which neighbours stay neighbours. All pairs are computed, for up to some 10⁴ points; it starts from
 * the principal components, so that the same points have the same map. Runs off the event loop. Progress counts
 * iterations.
 *
 * Methods: L. van der Maaten, G. Hinton, J. Mach. Learn. Res. 9, 2579 (2008); D. Kobak, P. Berens, Nat. Commun. 10, 5416
 * (2019).
 *
 * @throws InvalidInputError naming what is wrong; MemoryLimitError for the similarities of too many points.
 */
export async function tsne(points: Points, given: TsneOptions = {}): Promise<TsneMap> {
  const {
    perplexity,
    iterations = 1000,
    seed = 0,
    memoryLimit,
    ...run
  } = checkOptions(given, tsneKeys);
  const x = checkPoints(points, 'points');
  const [rows, columns] = x.shape;
  if (rows < 4) {
    throw new InvalidInputError(`expected at least 4 points, got ${rows}`, { path: 'points' });
  }
  const most = rows - 1;
  const wanted = perplexity ?? Math.min(30, most / 3);
  const options = {
    perplexity: validate(
      numberThat(`a number > 1 and < ${most}`, (value) => value > 1 && value < most),
      Math.max(wanted, perplexity ?? 1.01),
      'perplexity',
    ),
    iterations: validate(integerBetween(1, 2 ** 31 - 1), iterations, 'iterations'),
  };
  checkMemory(8 * rows ** 2, memoryLimit, `similarities of ${rows} × ${rows} points`);
  const values = await planarStart(x, seed, 1e-4, run);
  const divergence = await callAsync(
    (call) => native().tsne(x.values, columns, options, values, call),
    run,
  );
  return { values, shape: [rows, 2], divergence };
}
