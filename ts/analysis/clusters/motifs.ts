import type { Matrix } from '../../common/matrix';
import { asyncKeys, checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { inTurns, Pace } from '../../common/turns';
import type { Steps } from '../../common/turns';
import { integerBetween, numberThat, positive, validate } from '../../common/validation';
import { InvalidInputError } from '../../errors';
import { callAsync } from '../../native/call';
import type { AsyncOptions } from '../../native/call';
import { native } from '../../native/load';
import { farthestPoints } from '../../regression';
import { nearestNeighbours } from '../nearest-neighbours';
import { checkPoints, rowsOf } from '../points';
import type { Points } from '../points';
import { GaussianMixture } from './gaussian-mixture';
import { localBandwidths } from './local-bandwidths';

export interface MotifOptions extends AsyncOptions {
  /** Points, picked by farthest point sampling, at which the density is computed. Default: 5 √N, at most 2000. */
  readonly grid?: number | undefined;
  /** The part of all points that is the surroundings of a grid point, whose covariance sets its width. Default 0.15. */
  readonly locality?: number | undefined;
  /** How far, in widths of its kernel, a denser point may be to belong to the same motif. Default 1. */
  readonly reach?: number | undefined;
}

const motifKeys: KeysOf<MotifOptions> = { ...asyncKeys, grid: true, locality: true, reach: true };

/** Motifs: modes of the probability density of points, each as a Gaussian. */
export interface Motifs {
  /** Motif of each point by the mode it climbs to; the most frequent motif first. */
  readonly labels: Int32Array;
  readonly clusters: number;
  /** Index of the point at the top of each motif. */
  readonly peaks: Int32Array;
  /** A Gaussian for each motif; its `probabilities` of any points are the probabilistic motif identifiers. */
  readonly mixture: GaussianMixture;
  /** Grid points, as indices of points, and the logarithms of the density there. */
  readonly grid: Int32Array;
  readonly logDensities: Float64Array;
}

/**
 * Probabilistic analysis of molecular motifs (PAMM): a kernel density estimate on grid points with local bandwidths,
 * quick shift to its modes, and a Gaussian for each. For few dimensions: project on principal components first. Runs
 * off the event loop and in turns.
 *
 * Methods: P. Gasparotto, M. Ceriotti, J. Chem. Phys. 141, 174110 (2014); P. Gasparotto, R. H. Meißner, M. Ceriotti,
 * J. Chem. Theory Comput. 14, 486 (2018).
 *
 * @throws InvalidInputError naming what is wrong.
 */
export async function findMotifs(points: Points, given: MotifOptions = {}): Promise<Motifs> {
  const { grid, locality = 0.15, reach = 1, ...run } = checkOptions(given, motifKeys);
  const x = checkPoints(points, 'points');
  const [rows, columns] = x.shape;
  if (columns > mostDimensions) {
    throw new InvalidInputError(
      `expected at most ${mostDimensions} dimensions, got ${columns}: densities mean little in so many; project the points on principal components first`,
      { path: 'points' },
    );
  }
  validate(fraction, locality, 'locality');
  validate(positive(), reach, 'reach');
  const wanted = grid ?? Math.min(rows, 2000, Math.ceil(5 * Math.sqrt(rows)));
  const { threads, signal } = run;
  const { indices: picked } = await farthestPoints(
    x,
    validate(integerBetween(1, rows), wanted, 'grid'),
    { fewer: true, threads, signal },
  );
  const at = rowsOf(x, picked);
  const size = picked.length;
  const cells = (await nearestNeighbours(x, 1, { among: at, ...run })).indices;
  const weights = new Float64Array(size);
  cells.forEach((cell) => (weights[cell]! += 1));
  const { precisions, spreads } = await inTurns(localBandwidths(at, weights, locality), run.signal);

  const logDensities = new Float64Array(size);
  await callAsync(
    (call) =>
      native().adaptiveDensities(
        at.values,
        columns,
        x.values,
        columns,
        cells,
        precisions,
        logDensities,
        call,
      ),
    run,
  );
  const parents = new Int32Array(size);
  const distances = new Float64Array(size);
  await callAsync(
    (call) => native().nearestDenser(at.values, columns, logDensities, parents, distances, call),
    run,
  );
  const modeOf = climb(logDensities, parents, distances, spreads, reach);
  // The most frequent first.
  const counts = new Map<number, number>();
  cells.forEach((cell) => counts.set(modeOf[cell]!, (counts.get(modeOf[cell]!) ?? 0) + 1));
  const modes = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || a - b);
  const name = new Map(modes.map((mode, index) => [mode, index]));
  const labels = cells.map((cell) => name.get(modeOf[cell]!)!);
  const mixture = await inTurns(mixtureOf(x, labels, modes.length), run.signal);
  return {
    labels,
    clusters: modes.length,
    peaks: Int32Array.from(modes, (mode) => picked[mode]!),
    mixture,
    grid: picked,
    logDensities,
  };
}

const mostDimensions = 20;

/** Quick shift: the mode that each grid point climbs to. */
function climb(
  logDensities: Float64Array,
  parents: Int32Array,
  distances: Float64Array,
  spreads: Float64Array,
  reach: number,
): Int32Array {
  const modes = new Int32Array(parents.length);
  const order = Int32Array.from(parents.keys()).sort(
    (i, j) => logDensities[j]! - logDensities[i]! || i - j,
  );
  for (const point of order) {
    const linked = parents[point]! >= 0 && distances[point]! <= reach * spreads[point]!;
    modes[point] = linked ? modes[parents[point]!]! : point;
  }
  return modes;
}

function* mixtureOf(x: Matrix, labels: Int32Array, count: number): Steps<GaussianMixture> {
  const pace = new Pace();
  const [rows, dimensions] = x.shape;
  const weights = new Float64Array(count);
  const means = new Float64Array(count * dimensions);
  const covariances = new Float64Array(count * dimensions ** 2);
  for (let i = 0; i < rows; i++) {
    const k = labels[i]!;
    weights[k]! += 1 / rows;
    for (let d = 0; d < dimensions; d++) {
      means[k * dimensions + d]! += x.values[i * dimensions + d]!;
    }
    if (pace.passed(dimensions)) yield;
  }
  for (let k = 0; k < count; k++) {
    for (let d = 0; d < dimensions; d++) means[k * dimensions + d]! /= weights[k]! * rows;
  }
  for (let i = 0; i < rows; i++) {
    const k = labels[i]!;
    for (let d = 0; d < dimensions; d++) {
      const away = x.values[i * dimensions + d]! - means[k * dimensions + d]!;
      for (let e = 0; e < dimensions; e++) {
        const other = x.values[i * dimensions + e]! - means[k * dimensions + e]!;
        covariances[(k * dimensions + d) * dimensions + e]! +=
          (away * other) / (weights[k]! * rows);
      }
    }
    if (pace.passed(dimensions ** 2)) yield;
  }
  return new GaussianMixture(weights, { values: means, shape: [count, dimensions] }, covariances);
}

const fraction = numberThat('a number > 0 and at most 1', (value) => value > 0 && value <= 1);
