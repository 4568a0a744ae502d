import { evenly } from '../../common/arrays';
import type { Matrix } from '../../common/matrix';
import { inTurns } from '../../common/turns';
import type { AsyncOptions } from '../../native/call';
import { environmentsOf } from '../../regression/environments';
import type { Environment } from '../../representations';
import { maximizeWeightLikelihood } from '../../regression/kernel-weights';
import type { WeightedSamples } from '../../regression/kernel-weights';
import type { Structure } from '../../structures/structure';
import type { CheckedPropertyConfig, ResolvedTerm } from './config';
import type { LabelledPart } from './irreps';
import { PartKernel } from './part-kernel';
import type { KernelSettings } from './part-kernel';
import { makeReferences } from './references';

/** What weights are found from. */
export interface WeightLabels extends Omit<KernelSettings, 'terms'> {
  readonly structures: readonly Structure[];
  readonly isHeldOut: (structure: number) => boolean;
  /** Parts that vary, and the root mean square of each. */
  readonly parts: readonly LabelledPart[];
  readonly scales: readonly number[];
  /** For each part the weight of each row of its labels. */
  readonly weights: readonly Float64Array[] | undefined;
  /** Whether a term has learned from the structures that are not held out. */
  readonly learned: boolean;
}

/** Noise of labels to begin with, in units of their standard deviation. */
const firstNoise = 0.1;
/** A term with less of the variance than this hardly counts. */
const negligible = 1e-4;

/**
 * Terms with the weights under which the labels of all parts are most likely. Terms that have learned from labels
 * explain these too well: then it is the labels of held-out structures, given the others, that are to be likely.
 */
export async function weighTerms(
  terms: readonly ResolvedTerm[],
  weights: CheckedPropertyConfig['weights'],
  given: WeightLabels,
  { onProgress, ...run }: AsyncOptions,
): Promise<{ readonly terms: readonly ResolvedTerm[]; readonly notes: readonly string[] }> {
  // Where the baseline explains all labels, any weights will do.
  if (weights.type === 'given' || given.parts.length === 0) return { terms, notes: [] };
  const sets: WeightedSamples[] = [];
  for (const p of given.parts.keys()) {
    const set = await samplesOfPart(terms, given, p, weights.samples, run);
    if (set) sets.push(set);
  }
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const sizes = terms.map((_, t) => sum(sets.map(({ kernels }) => meanDiagonal(kernels[t]!))));
  // Begin with a prior about as wide as the labels.
  const unit = sum(terms.map(({ weight }, t) => weight * sizes[t]!)) / sets.length;
  const start = terms.map(({ weight }) => weight / unit);
  const found = await maximizeWeightLikelihood(sets, { ...run, onProgress, weights: start });
  const share = sum(terms.map(({ weight }) => weight)) / sum(found.weights);
  const variance = sum(found.weights.map((weight, t) => weight * sizes[t]!));
  return {
    terms: terms.map((term, t) => ({ ...term, weight: share * found.weights[t]! })),
    notes: terms.flatMap((_, t) =>
      found.weights[t]! * sizes[t]! < negligible * variance
        ? [`terms[${t}] hardly counts among the others; without it the model would cost less`]
        : [],
    ),
  };
}

/** Kernels and labels of one part, of some of its samples: those that are not held out come first. */
export async function samplesOfPart(
  terms: readonly ResolvedTerm[],
  { structures, isHeldOut, parts, scales, weights, learned, ...settings }: WeightLabels,
  p: number,
  most: number,
  run: AsyncOptions,
): Promise<WeightedSamples | undefined> {
  const part = parts[p]!;
  const components = 2 * part.lambda + 1;
  const atoms =
    settings.per === 'atom'
      ? await inTurns(environmentsOf(structures, part.centre), run.signal)
      : undefined;
  const all = [...Array(atoms?.length ?? structures.length).keys()];
  const taken = Math.min(1, most / (components * all.length));
  const some = (side: boolean) => {
    const own = all.filter((sample) => isHeldOut(atoms?.[sample]![0] ?? sample) === side);
    return evenly(own.length, Math.round(taken * own.length)).map((k) => own[k]!);
  };
  const first = some(false);
  const samples = [...first, ...some(true)];
  if (samples.length < 2) return undefined;
  const environments = atoms
    ? samples.map((sample) => atoms[sample]!)
    : samples.flatMap((s) => Array.from(structures[s]!.species, (_, i): Environment => [s, i]));
  const offsets = atoms ? undefined : offsetsOf(samples.map((s) => structures[s]!.length));
  const kernels: Matrix[] = [];
  for (const term of terms) {
    const one = { ...term, weight: 1 };
    const references = await makeReferences([one], [part], structures, environments, offsets, run);
    const kernel = new PartKernel({ ...settings, terms: [one] }, part, references);
    kernels.push(await kernel.ofReferences(run));
  }
  return {
    kernels,
    targets: labelsOf(part, samples, scales[p]!),
    weights: weights && rowsOf(weights[p]!, samples, components),
    noise: firstNoise,
    ...(learned && samples.length > first.length && { given: components * first.length }),
  };
}

/** The rows of some samples. */
const rowsOf = (rows: Float64Array, samples: readonly number[], width: number): Float64Array =>
  Float64Array.from(samples.flatMap((s) => [...rows.subarray(s * width, (s + 1) * width)]));

/** Labels of some samples of a part, in units of its scale. */
function labelsOf(
  { lambda, copies, labels }: LabelledPart,
  samples: readonly number[],
  scale: number,
): Matrix {
  const width = (2 * lambda + 1) * copies;
  const values = new Float64Array(samples.length * width);
  samples.forEach((sample, k) => {
    const own = labels.values.subarray(sample * width, (sample + 1) * width);
    values.set(
      own.map((y) => y / scale),
      k * width,
    );
  });
  return { values, shape: [samples.length * (2 * lambda + 1), copies] };
}

function offsetsOf(lengths: readonly number[]): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  lengths.forEach((length, k) => (offsets[k + 1] = offsets[k]! + length));
  return offsets;
}

/** Mean of k(A, A). */
export function meanDiagonal({ values, shape: [size] }: Matrix): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += values[i * (size + 1)]!;
  return sum / size;
}
