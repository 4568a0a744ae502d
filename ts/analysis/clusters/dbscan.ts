import { asyncKeys, checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { integerBetween, positive, validate } from '../../common/validation';
import { callAsync } from '../../native/call';
import type { AsyncOptions } from '../../native/call';
import { native } from '../../native/load';
import { checkPoints } from '../points';
import type { Points } from '../points';

export interface DbscanOptions extends AsyncOptions {
  /** Points within this distance are neighbours. */
  readonly radius: number;
  /** A point with so many neighbours, itself among them, is a core. Default 5. */
  readonly neighbours?: number | undefined;
}

const dbscanKeys: KeysOf<DbscanOptions> = { ...asyncKeys, radius: true, neighbours: true };

/** Clusters whose number comes out of the data. */
export interface DensityClusters {
  /** Cluster of each point; −1 for noise. */
  readonly labels: Int32Array;
  /** How many clusters there are. */
  readonly clusters: number;
}

/**
 * DBSCAN: clusters of points that touch. Cores within `radius` of each other are one cluster, points beside a core
 * belong to it, the rest is noise. The same labels as scikit-learn's `DBSCAN`. Runs off the event loop.
 *
 * Method: M. Ester, H.-P. Kriegel, J. Sander, X. Xu, KDD-96, 226 (1996).
 *
 * @throws InvalidInputError naming what is wrong.
 */
export async function dbscan(points: Points, given: DbscanOptions): Promise<DensityClusters> {
  const { radius, neighbours = 5, ...run } = checkOptions(given, dbscanKeys);
  const { values, shape } = checkPoints(points, 'points');
  validate(positive(), radius, 'radius');
  validate(integerBetween(1, 2 ** 31 - 1), neighbours, 'neighbours');
  const labels = new Int32Array(shape[0]);
  const clusters = await callAsync(
    (call) => native().dbscan(values, shape[1], radius, neighbours, labels, call),
    run,
  );
  return { labels, clusters };
}
