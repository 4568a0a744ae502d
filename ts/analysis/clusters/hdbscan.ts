import { asyncKeys, checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { integerBetween, validate } from '../../common/validation';
import { callAsync } from '../../native/call';
import type { AsyncOptions } from '../../native/call';
import { native } from '../../native/load';
import { nearestNeighbours } from '../nearest-neighbours';
import { checkPoints } from '../points';
import type { Points } from '../points';
import { condense } from './condensed-tree';
import type { DensityClusters } from './dbscan';

export interface HdbscanOptions extends AsyncOptions {
  /** Clusters are no smaller. Default 5. */
  readonly leastSize?: number | undefined;
  /** The distance to so many points, itself among them, is a point's core distance. Default: as `leastSize`. */
  readonly neighbours?: number | undefined;
}

const hdbscanKeys: KeysOf<HdbscanOptions> = { ...asyncKeys, leastSize: true, neighbours: true };

export interface HierarchicalClusters extends DensityClusters {
  /** How firmly each point is in its cluster, 0 to 1; 0 for noise. */
  readonly probabilities: Float64Array;
}

/**
 * HDBSCAN: DBSCAN at all radii at once; of the tree of clusters that grow and merge with the radius, those that live
 * longest are taken (excess of mass). The same labels as scikit-learn's `HDBSCAN`. Runs off the event loop. All
 * distances are computed, none kept.
 *
 * Method: R. J. G. B. Campello, D. Moulavi, J. Sander, PAKDD 2013; L. McInnes, J. Healy, S. Astels, J. Open Source
 * Softw. 2, 205 (2017).
 *
 * @throws InvalidInputError naming what is wrong.
 */
export async function hdbscan(
  points: Points,
  given: HdbscanOptions = {},
): Promise<HierarchicalClusters> {
  const { leastSize = 5, neighbours, ...run } = checkOptions(given, hdbscanKeys);
  const x = checkPoints(points, 'points');
  const [rows, columns] = x.shape;
  validate(integerBetween(2, Math.max(2, rows)), leastSize, 'leastSize');
  const size = validate(
    integerBetween(1, rows),
    neighbours ?? Math.min(rows, leastSize),
    'neighbours',
  );
  const cores = new Float64Array(rows);
  if (size > 1) {
    const others = size - 1;
    const { distances } = await nearestNeighbours(x, others, run);
    for (let i = 0; i < rows; i++) cores[i] = distances[i * others + others - 1]!;
  }
  const ends = new Int32Array(2 * (rows - 1));
  const lengths = new Float64Array(rows - 1);
  await callAsync(
    (call) => native().reachabilityTree(x.values, columns, cores, ends, lengths, call),
    run,
  );
  return condense(ends, lengths, rows, leastSize);
}
