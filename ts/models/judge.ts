import type { Matrix } from '../common/matrix';
import { kernelMatrix } from '../kernels';
import { mapRows } from '../math/affine-map';
import type { AsyncOptions } from '../native/call';
import type { Noise, Solution, SparseGaussianProcess } from '../regression/sparse-gaussian-process';
import { amplitudeOf } from './amplitude';
import { compositionOf } from './baseline';
import type { DataSet } from './data-set';
import { compare, errorsOf } from './evaluation';
import type { Errors } from './evaluation';
import type { Potential } from './potential';

/** More structures than this do not make the calibration of uncertainties better. */
const calibrationStructures = 200;

/**
 * Errors on held-out structures, and the variance of the prior that makes predicted variances of their energies
 * agree with the errors; undefined where they are too few to tell it.
 */
export async function judge(
  potential: Potential,
  heldOut: DataSet,
  run: AsyncOptions,
): Promise<{ readonly errors: Errors; readonly amplitude: number | undefined }> {
  if (heldOut.structures.length === 0) return { errors: {}, amplitude: undefined };
  const errors = await errorsOn(potential, heldOut, run);
  const { energies } = heldOut.targets;
  if (!energies) return { errors, amplitude: undefined };
  const predictions = await potential.predict(heldOut.structures.slice(0, calibrationStructures), {
    ...run,
    forces: false,
    stress: false,
    uncertainty: true,
  });
  const off = Float64Array.from(predictions, ({ energy }, s) => energy - energies[s]!);
  const uncertainties = Float64Array.from(predictions, (own) => own.energyUncertainty!);
  return { errors, amplitude: amplitudeOf(off, uncertainties) };
}

/**
 * The variance of the prior with which all labels are most likely: yᵀ (Q + Σ)⁻¹ y by their number, where the first is
 * |y − ŷ|²/σ² + wᵀ K_MM w.
 */
export async function likeliestAmplitude(
  process: SparseGaussianProcess,
  { weights, fitted }: Solution,
  noise: Noise,
  { structures, targets }: DataSet,
  run: AsyncOptions,
): Promise<number> {
  const { points, representation, zeta } = process;
  const { species } = representation.hyperparameters;
  const size = weights.length;
  const samples = {
    values: Float64Array.from(points.values),
    rows: size,
    columns: points.values.length / size,
  };
  const speciesX = new Int32Array(size);
  species.forEach((number, a) => speciesX.fill(number, points.first[a], points.first[a + 1]));
  const kernel = await kernelMatrix(
    samples,
    undefined,
    { type: 'dot-product', zeta, normalize: false },
    { ...run, speciesX },
  );
  const matrix: Matrix = { values: weights, shape: [size, 1] };
  const { values } = await mapRows(kernel, { matrix }, run);
  let square = weights.reduce((sum, w, m) => sum + w * values[m]!, 0);
  const numbers = (labels: readonly (Float64Array | undefined)[]) =>
    labels.reduce((sum, own) => sum + (own?.length ?? 0), 0);
  const taken = Math.min(species.length, new Set(structures.map(compositionOf)).size);
  const counts = {
    energy: targets.energies ? Math.max(1, structures.length - taken) : 0,
    forces: numbers(targets.forces),
    stress: numbers(targets.stresses),
  };
  let count = 0;
  for (const kind of ['energy', 'forces', 'stress'] as const) {
    if (counts[kind] === 0) continue;
    square += counts[kind] * (fitted[kind] / noise[kind]) ** 2;
    count += counts[kind];
  }
  return square > 0 && Number.isFinite(square) ? square / count : 1;
}

/** Errors of a potential on labelled structures. */
export async function errorsOn(
  potential: Potential,
  { structures, targets }: DataSet,
  run: AsyncOptions,
): Promise<Errors> {
  const predictions = await potential.predict(structures, {
    ...run,
    forces: targets.forces.some(Boolean),
    stress: targets.stresses.some(Boolean),
  });
  return errorsOf(compare(structures, targets, predictions));
}
