import { asyncKeys, checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { integerBetween, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import type { AsyncOptions } from '../native/call';
import { PrincipalComponents } from './covariates';
import { nearestNeighbours } from './nearest-neighbours';
import { checkPoints } from './points';
import type { Points } from './points';

export interface NeighbourScoreOptions extends AsyncOptions {
  /** Which neighbour. Default: the fifth, or the last there is. */
  readonly neighbour?: number | undefined;
  /** The points that count as known. Default: the scored ones themselves. */
  readonly among?: Points | undefined;
}

const neighbourScoreKeys: KeysOf<NeighbourScoreOptions> = {
  ...asyncKeys,
  neighbour: true,
  among: true,
};

/** Outliers by density: the distance of each point to its k-th nearest neighbour. */
export async function neighbourScores(
  points: Points,
  given: NeighbourScoreOptions = {},
): Promise<Float64Array> {
  const { neighbour, among, ...options } = checkOptions(given, neighbourScoreKeys);
  const x = checkPoints(points, 'points');
  const most = among ? checkPoints(among, 'among').shape[0] : x.shape[0] - 1;
  const k = validate(
    integerBetween(1, Math.max(1, most)),
    neighbour ?? Math.min(5, most),
    'neighbour',
  );
  const { distances } = await nearestNeighbours(x, k, { among, ...options });
  return Float64Array.from({ length: x.shape[0] }, (_, i) => distances[i * k + k - 1]!);
}

export interface MahalanobisOptions extends AsyncOptions {
  /** How many principal components count. Default: those that explain 99 % of the variance, 20 at most. */
  readonly count?: number | undefined;
  /** The points whose mean and covariance are taken. Default: the scored ones themselves. */
  readonly among?: Points | undefined;
}

const mahalanobisKeys: KeysOf<MahalanobisOptions> = { ...asyncKeys, count: true, among: true };

/**
 * Outliers by covariance: the Mahalanobis distance of each point from the mean, in standard deviations, along the
 * leading principal components.
 */
export async function mahalanobisScores(
  points: Points,
  given: MahalanobisOptions = {},
): Promise<Float64Array> {
  const { count, among, ...options } = checkOptions(given, mahalanobisKeys);
  const x = checkPoints(points, 'points');
  const [rows, columns] = x.shape;
  const known = among ? checkPoints(among, 'among', { columns }) : x;
  const { components, kept } = await leadingComponents(known, count, options);
  const { values, shape } = await components.project(x, options);
  const deviations = components.eigenvalues.map((square) =>
    Math.sqrt(square / (known.shape[0] - 1)),
  );
  return Float64Array.from({ length: rows }, (_, i) => {
    let square = 0;
    for (let k = 0; k < kept; k++) square += (values[i * shape[1] + k]! / deviations[k]!) ** 2;
    return Math.sqrt(square);
  });
}

/** Principal components, and how many of them count. */
async function leadingComponents(
  points: Points,
  count: number | undefined,
  options: AsyncOptions,
): Promise<{ components: PrincipalComponents; kept: number }> {
  if (count !== undefined) {
    return {
      components: await PrincipalComponents.fit(points, { count, ...options }),
      kept: count,
    };
  }
  const { shape } = checkPoints(points, 'points');
  if (shape[0] < 2) {
    throw new InvalidInputError(`expected at least 2 points, got ${shape[0]}`, { path: 'points' });
  }
  const most = Math.min(20, shape[1], shape[0] - 1);
  const components = await PrincipalComponents.fit(points, {
    count: most,
    fewer: true,
    ...options,
  });
  const { explained } = components;
  let [kept, sum] = [0, 0];
  while (kept < explained.length && sum < 0.99) sum += explained[kept++]!;
  return { components, kept };
}
