import type { Matrix } from '../common/matrix';
import { randomNumbers, shuffled } from '../common/random';
import { kernelMatrix } from '../kernels';
import { mapRows } from '../math/affine-map';
import type { AsyncOptions } from '../native/call';
import type { Noise, Solution, SparseGaussianProcess } from '../regression/sparse-gaussian-process';
import { amplitudeOf } from './amplitude';
import { effectiveCount, equalWeights, sumOf } from './committee';
import { compositionOf } from './baseline';
import { subset } from './data-set';
import type { DataSet } from './data-set';
import { compare, eachNumber, errorsOf } from './evaluation';
import type { Errors, Parity } from './evaluation';
import type { Potential } from './potential';

/** More structures than this do not make the calibration of uncertainties better. */
const calibrationStructures = 200;
/** Nor do the forces, thousands of numbers, of more atoms than this. */
const calibrationAtoms = 600;

/** Variances of the prior that make variances agree with errors; undefined where there are too few to tell it. */
export interface Amplitudes {
  readonly energy?: number | undefined;
  readonly forces?: number | undefined;
  readonly stress?: number | undefined;
}

/**
 * Errors on held-out structures, and what makes predicted variances agree with them.
 *
 * @param potential whose prior has a variance of 1.
 */
export async function judge(
  potential: Potential,
  heldOut: DataSet,
  { seed, ...run }: AsyncOptions & { readonly seed: number },
): Promise<{ readonly errors: Errors; readonly amplitudes: Amplitudes }> {
  if (heldOut.structures.length === 0) return { errors: {}, amplitudes: {} };
  const errors = await errorsOn(potential, heldOut, run);
  const amplitudes = {
    energy: await energyAmplitude(potential, heldOut, run),
    // Members of a committee are calibrated by themselves.
    ...(potential.config.uncertainty.type === 'variance' &&
      (await derivativeAmplitudes(potential, heldOut, seed, run))),
  };
  return { errors, amplitudes };
}

async function energyAmplitude(
  potential: Potential,
  heldOut: DataSet,
  run: AsyncOptions,
): Promise<number | undefined> {
  const { weights, targets } = heldOut;
  const { energies } = targets;
  if (!energies) return undefined;
  const predictions = await potential.predict(heldOut.structures.slice(0, calibrationStructures), {
    ...run,
    forces: false,
    stress: false,
    uncertainty: true,
  });
  const off = Float64Array.from(predictions, ({ energy }, s) => energy - energies[s]!);
  const uncertainties = Float64Array.from(predictions, (own) => own.energyUncertainty!);
  return amplitudeOf(off, uncertainties, weights?.subarray(0, uncertainties.length));
}

/** Of forces and stresses, component by component. */
async function derivativeAmplitudes(
  potential: Potential,
  heldOut: DataSet,
  seed: number,
  run: AsyncOptions,
): Promise<Amplitudes> {
  const { forces, stresses } = heldOut.targets;
  const chosen = new Set<number>();
  let atoms = 0;
  for (const s of shuffled([...heldOut.structures.keys()], randomNumbers(seed + 5))) {
    if (atoms >= calibrationAtoms) break;
    if (!forces[s] && !stresses[s]) continue;
    chosen.add(s);
    atoms += heldOut.structures[s]!.length;
  }
  if (chosen.size === 0) return {};
  const { structures, targets, weights } = subset(heldOut, (_, s) => chosen.has(s));
  const predictions = await potential.predict(structures, {
    ...run,
    forces: targets.forces.some(Boolean),
    stress: targets.stresses.some(Boolean),
    uncertainty: 'all',
  });
  const parities = compare(structures, targets, predictions);
  const of = (parity: Parity | undefined, labels: readonly (Float64Array | undefined)[]) => {
    if (!parity) return undefined;
    const errors = parity.predicted.map((y, i) => y - parity.reference[i]!);
    return amplitudeOf(errors, parity.uncertainty!, eachNumber(weights, labels));
  };
  return {
    forces: of(parities.forces, targets.forces),
    stress: of(parities.stress, targets.stresses),
  };
}

/**
 * The variance of the prior with which all labels are most likely: yᵀ (Q + Σ)⁻¹ y by their number, which is what they
 * count for, where the first is |Σ^−½ (y − ŷ)|² + wᵀ K_MM w.
 */
export async function likeliestAmplitude(
  process: SparseGaussianProcess,
  { weights, fitted }: Solution,
  noise: Noise,
  { structures, targets, weights: known }: DataSet,
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
  const taken = Math.min(species.length, new Set(structures.map(compositionOf)).size);
  const labels = {
    energy: structures.map((_, s) => targets.energies?.subarray(s, s + 1)),
    forces: targets.forces,
    stress: targets.stresses,
  };
  let count = 0;
  for (const kind of ['energy', 'forces', 'stress'] as const) {
    const weights = eachNumber(known ?? equalWeights(structures.length), labels[kind])!;
    if (weights.length === 0) continue;
    const all = effectiveCount(weights);
    const free = kind === 'energy' ? Math.max(1, all - taken) : all;
    // Errors are means over numbers that count by their weights.
    square += ((free * sumOf(weights)) / all) * (fitted[kind] / noise[kind]) ** 2;
    count += free;
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
  return errorsOf(compare(structures, targets, predictions), targets);
}
