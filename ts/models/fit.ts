import type { AsyncOptions } from '../native/call';
import type { Baseline } from '../regression/baseline';
import { chooseNoise, completeNoise } from '../regression/noise';
import { SparseGaussianProcess } from '../regression/sparse-gaussian-process';
import type { FitErrors, Noise } from '../regression/sparse-gaussian-process';
import { selectSparsePoints } from '../regression/sparse-points';
import type { PowerSpectrum } from '../representations';
import type { Structure } from '../structures/structure';
import type { Targets } from '../structures/targets';
import type { Groups } from './committee';
import type { CheckedPotentialConfig } from './config';
import type { DataSet } from './data-set';
import { sparseCounts } from './sparse-count';

/** How far a training has come. */
export interface TrainingProgress {
  readonly stage:
    'hyperparameters' | 'channels' | 'weights' | 'sparse points' | 'kernel' | 'noise' | 'errors';
  readonly done: number;
  readonly total: number;
  /** What was found, for the user to read. */
  readonly message?: string;
}

/** What all steps of a training share. */
export interface Context {
  readonly config: CheckedPotentialConfig;
  readonly species: readonly number[];
  readonly baseline: Baseline;
  readonly isHeldOut: (structure: number) => boolean;
  readonly groups: Groups;
  readonly run: AsyncOptions;
  readonly report: (progress: TrainingProgress) => void;
}

/** Picks sparse points and gathers the rows of all structures. */
export async function fit(
  { structures, targets, weights }: DataSet,
  representation: PowerSpectrum,
  zeta: number,
  count: number | 'all',
  { config, baseline, isHeldOut, groups, run, report }: Context,
): Promise<SparseGaussianProcess> {
  const { species } = representation.hyperparameters;
  const candidates = withoutHeldOut(structures, isHeldOut, species);
  const points = await selectSparsePoints(representation, candidates, {
    ...run,
    counts: sparseCounts(candidates, species, count),
    seed: config.seed + 2,
    pool: count === 'all' ? Infinity : Math.max(4000, 2 * count),
    onProgress: (done, total) => report({ stage: 'sparse points', done, total }),
  });
  const process = await SparseGaussianProcess.create(representation, points, zeta, {
    ...run,
    groups: groups.count,
  });
  await process.add(structures, targets, baseline, (s) => groups.of[s]!, {
    ...run,
    weights,
    onProgress: (done, total) => report({ stage: 'kernel', done, total }),
  });
  return process;
}

/**
 * The structures that sparse points are picked from. A model that had points in held-out structures would know
 * more of them than of new ones, so these are left out, unless an element would then have no points at all.
 */
function withoutHeldOut(
  structures: readonly Structure[],
  isHeldOut: (structure: number) => boolean,
  species: readonly number[],
): readonly Structure[] {
  const fitted = structures.filter((_, s) => !isHeldOut(s));
  const has = (among: readonly Structure[], number: number) =>
    among.some((structure) => structure.species.includes(number));
  return species.every((number) => has(fitted, number) || !has(structures, number))
    ? fitted
    : structures;
}

/** Noise levels for what the configuration leaves open. */
export async function findNoise(
  process: SparseGaussianProcess,
  data: DataSet,
  { config, isHeldOut, groups, run, report }: Context,
): Promise<Noise> {
  if (!data.structures.some((_, s) => isHeldOut(s))) return completeNoise(config.noise);
  const { noise } = await chooseNoise(
    process,
    config.noise,
    presentQuantities(data.targets),
    scoreFor(data, { isHeldOut }),
    {
      ...run,
      heldOut: groups.heldOut,
      significant: significantStep(data, { isHeldOut }),
      onProgress: (done, total) => report({ stage: 'noise', done, total }),
    },
  );
  report({
    stage: 'noise',
    done: 1,
    total: 1,
    message: `noise ${noise.energy.toExponential(1)} eV/atom, ${noise.forces.toExponential(1)} eV/Å`,
  });
  return noise;
}

/** The kinds of labels that there are. */
export function presentQuantities({ energies, forces, stresses }: Targets): (keyof Noise)[] {
  return [
    ...(energies ? (['energy'] as const) : []),
    ...(forces.some(Boolean) ? (['forces'] as const) : []),
    ...(stresses.some(Boolean) ? (['stress'] as const) : []),
  ];
}

/**
 * Held-out errors of n structures are known to about 1/√n of themselves. Gains that do not stand out from that
 * are not worth leaving the standard noise levels for, which generalise well.
 */
export function significantStep(
  { structures }: DataSet,
  { isHeldOut }: Pick<Context, 'isHeldOut'>,
) {
  return 0.25 / Math.sqrt(structures.filter((_, s) => isHeldOut(s)).length);
}

/** So many held-out labels make their error worth a full vote. */
const fullVote = 100;

/**
 * The sum of the logarithms of the errors, so that no unit matters. An error that rests on few labels is
 * uncertain and counts less.
 */
export function scoreFor(
  { structures, targets }: DataSet,
  { isHeldOut }: Pick<Context, 'isHeldOut'>,
): (heldOut: FitErrors) => number {
  const heldOut = [...structures.keys()].filter(isHeldOut);
  const count = (labels: readonly (Float64Array | undefined)[]) =>
    heldOut.reduce((sum, s) => sum + (labels[s]?.length ?? 0), 0);
  const labels = {
    energy: targets.energies ? heldOut.length : 0,
    forces: count(targets.forces),
    stress: count(targets.stresses),
  };
  return (errors) =>
    (['energy', 'forces', 'stress'] as const).reduce((sum, name) => {
      if (labels[name] === 0) return sum;
      return sum + Math.sqrt(Math.min(1, labels[name] / fullVote)) * Math.log(errors[name]);
    }, 0);
}
