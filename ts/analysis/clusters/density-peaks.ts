import { asyncKeys, checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { integerBetween, numberThat, positive, validate } from '../../common/validation';
import { callAsync } from '../../native/call';
import type { AsyncOptions } from '../../native/call';
import { native } from '../../native/load';
import { checkPoints } from '../points';
import type { Points } from '../points';

export interface DensityPeaksOptions extends AsyncOptions {
  /** How many peaks. Default: those whose δ stands out, see {@link densityPeaks}. */
  readonly count?: number | undefined;
  /** Width of the Gaussians that the density is made of. Default: the `quantile` of distances. */
  readonly width?: number | undefined;
  /** The part of all pairs that are closer than the width. Default 0.02. */
  readonly quantile?: number | undefined;
}

const densityPeaksKeys: KeysOf<DensityPeaksOptions> = {
  ...asyncKeys,
  count: true,
  width: true,
  quantile: true,
};

export interface DensityPeaks {
  /** Cluster of each point, the densest first. */
  readonly labels: Int32Array;
  readonly clusters: number;
  /** Index of the peak of each cluster. */
  readonly peaks: Int32Array;
  /** ρ: how many others are about each point. */
  readonly densities: Float64Array;
  /** δ: distance to the nearest point of higher density. */
  readonly separations: Float64Array;
  readonly width: number;
}

/**
 * Density peaks: centres of clusters are points of high density ρ far, δ, from any of higher density; every other point
 * belongs to the cluster of its nearest denser neighbour. With a `count`, peaks are
 * the points of largest ρδ; without, those above the largest gap in log δ, outliers apart. Runs off the event loop.
 *
 * Method: A. Rodriguez, A. Laio, Science 344, 1492 (2014).
 *
 * @throws InvalidInputError naming what is wrong, also for more clusters than points.
 */
export async function densityPeaks(
  points: Points,
  given: DensityPeaksOptions = {},
): Promise<DensityPeaks> {
  const { count, width, quantile = 0.02, ...run } = checkOptions(given, densityPeaksKeys);
  const { values, shape } = checkPoints(points, 'points');
  const [rows, columns] = shape;
  if (count !== undefined) validate(integerBetween(1, rows), count, 'count');
  validate(fraction, quantile, 'quantile');
  const chosen =
    width === undefined
      ? await callAsync((call) => native().distanceQuantile(values, columns, quantile, call), run)
      : validate(positive(), width, 'width');
  // Copies of one point have no distances: any width says so.
  const sigma = chosen > 0 ? chosen : 1;
  const densities = new Float64Array(rows);
  await callAsync(
    (call) => native().gaussianDensities(values, columns, sigma, densities, call),
    run,
  );
  const parents = new Int32Array(rows);
  const separations = new Float64Array(rows);
  await callAsync(
    (call) => native().nearestDenser(values, columns, densities, parents, separations, call),
    run,
  );
  const peaks = choosePeaks(densities, separations, count);
  return {
    labels: descend(densities, parents, peaks),
    clusters: peaks.length,
    peaks,
    densities,
    separations,
    width: sigma,
  };
}

/** The points of largest ρδ, or those of large δ; the densest first. */
function choosePeaks(
  densities: Float64Array,
  separations: Float64Array,
  count: number | undefined,
): Int32Array {
  const all = Int32Array.from(densities.keys());
  const score = densities.map((rho, i) => rho * separations[i]!);
  const leading =
    count === undefined
      ? farApart(densities, separations)
      : all.sort((i, j) => score[j]! - score[i]! || i - j).subarray(0, count);
  return leading.sort((i, j) => densities[j]! - densities[i]! || i - j);
}

/** Points above the largest gap in log δ, of those that are not lonely. */
function farApart(densities: Float64Array, separations: Float64Array): Int32Array {
  const median = densities.toSorted()[Math.floor(densities.length / 2)]!;
  const order = Int32Array.from(densities.keys())
    .filter((i) => densities[i]! >= lonely * median)
    .sort((i, j) => separations[j]! - separations[i]! || i - j);
  const most = Math.min(order.length - 1, Math.ceil(Math.sqrt(order.length)));
  let [best, largest] = [1, 0];
  for (let k = 1; k <= most; k++) {
    const [before, after] = [separations[order[k - 1]!]!, separations[order[k]!]!];
    const gap = after > 0 ? Math.log(before / after) : before > 0 ? Infinity : 0;
    if (gap > largest) [best, largest] = [k, gap];
  }
  return order.slice(0, best);
}

/** Points of less than this part of the median density are outliers, and no peaks. */
const lonely = 0.1;

/** Labels from denser to less dense: that of the nearest denser point. */
export function descend(
  densities: Float64Array,
  parents: Int32Array,
  peaks: Int32Array,
): Int32Array {
  const labels = new Int32Array(densities.length).fill(-1);
  peaks.forEach((point, cluster) => (labels[point] = cluster));
  const order = Int32Array.from(densities.keys()).sort(
    (i, j) => densities[j]! - densities[i]! || i - j,
  );
  for (const point of order) {
    if (labels[point]! >= 0) continue;
    // The densest of all is a peak, or belongs to the first.
    labels[point] = parents[point]! < 0 ? 0 : labels[parents[point]!]!;
  }
  return labels;
}

const fraction = numberThat(
  'a number from 0 to 1, both excluded',
  (value) => value > 0 && value < 1,
);
