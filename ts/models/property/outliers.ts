import { randomNumbers, shuffled } from '../../common/random';
import type { AsyncOptions } from '../../native/call';
import { chemicalSymbols } from '../../structures/elements';
import { widthOf } from './irreps';
import type { Part } from './irreps';
import type { FittedPart } from './parts';
import type { Prepared } from './prepare';
import { labelsOf, put, PropertyProcess } from './process';
import type { LabelWeights } from './process';

/** Each structure is judged by the fit to so many parts less one. */
const folds = 5;
/** So often. */
export const rounds = 2;

/**
 * Weights with which labels that scatter like Student's t do what those of a Gaussian would: outliers count less the
 * farther they are from what all others say,
 *
 *   w = (ν + 1) / (ν + z²), at most 1,   z = residual / scale,
 *
 * the step of expectation maximisation (Lange, Little and Taylor, J. Am. Stat. Assoc. 84, 881, 1989). Residuals are
 * those of fits without the structure, since a kernel follows an outlier that it knows; the scale is their median.
 * Twice: the second time without the harm that outliers did to the first.
 *
 * @returns undefined for a Gaussian likelihood.
 */
export async function weighLabels(
  prepared: Prepared,
  run: AsyncOptions,
): Promise<LabelWeights | undefined> {
  const { config, structures, parts } = prepared;
  const { likelihood, seed } = config;
  if (likelihood.type === 'gaussian' || structures.length < 2) return undefined;
  const count = Math.min(folds, structures.length);
  const of = new Uint8Array(structures.length);
  shuffled([...of.keys()], randomNumbers(seed + 4)).forEach((s, i) => (of[s] = i % count));
  const divided: Prepared = {
    ...prepared,
    groups: { count, of, heldOut: [0], without: [] },
    isHeldOut: (s) => of[s] === 0,
  };
  const members = Array.from({ length: count }, (_, group) =>
    [...of.keys()].filter((s) => of[s] === group),
  );
  const labels = labelsOf(prepared);
  let weights: LabelWeights | undefined;
  for (let round = 0; round < rounds; round++) {
    const process = await PropertyProcess.create(divided, {
      ...run,
      weights: together(weights, prepared.weights),
    });
    for (const [group, own] of members.entries()) await process.add(own, { ...run, group });
    const noise = await process.findNoise(run);
    const residuals = labels.map(({ values }) => new Float64Array(values.length));
    for (const [group, own] of members.entries()) {
      const found = await process.residuals(own, group, noise, run);
      residuals.forEach((all, p) => put(labels[p]!, all, own, found[p]!));
    }
    weights = residuals.map((residual, p) =>
      studentWeights(residual, parts[p]!, likelihood.degrees, prepared.weights?.[p]),
    );
  }
  return weights;
}

/** The weight of each row: the same for all components of a sample. @param known weights of rows, of another reason. */
export function studentWeights(
  residual: Float64Array,
  part: Part,
  degrees: number,
  known?: Float64Array,
): Float64Array {
  const width = widthOf(part);
  const samples = residual.length / width;
  const squares = Float64Array.from({ length: samples }, (_, sample) => {
    const own = residual.subarray(sample * width, (sample + 1) * width);
    const weight = known?.[sample * (2 * part.lambda + 1)] ?? 1;
    return (weight * own.reduce((sum, r) => sum + r * r, 0)) / width;
  });
  // The median of χ² of so many degrees of freedom (Wilson and Hilferty).
  const median = (1 - 2 / (9 * width)) ** 3;
  const variance = Float64Array.from(squares).sort()[Math.floor(samples / 2)]! / median;
  const weights = squares.map((square) =>
    variance > 0 ? Math.min(1, (degrees + width) / (degrees + (width * square) / variance)) : 1,
  );
  const rows = 2 * part.lambda + 1;
  return Float64Array.from(
    { length: samples * rows },
    (_, row) => weights[Math.floor(row / rows)]!,
  );
}

/** Weights that two reasons give, which multiply. */
export const together = (
  one: LabelWeights | undefined,
  other: LabelWeights | undefined,
): LabelWeights | undefined =>
  one && other ? one.map((own, p) => own.map((w, row) => w * other[p]![row]!)) : (one ?? other);

/** What a user should know of labels that hardly count. */
export function notesOn(weights: LabelWeights | undefined, { parts }: Pick<Prepared, 'parts'>) {
  return (weights ?? []).flatMap((own, p) => {
    const few = own.reduce((count, w) => count + Number(w < hardly), 0);
    if (few === 0) return [];
    const { centre, lambda } = parts[p]!;
    const of = centre === undefined ? '' : ` of ${chemicalSymbols[centre]}`;
    const rows = 2 * lambda + 1;
    return `${few / rows} of ${own.length / rows} labels${of} are outliers: they count less than a tenth`;
  });
}

const hardly = 0.1;

/**
 * What a user should know of held-out labels that are so far off that hardly a Gaussian would have them, and by more than
 * labels vary.
 *
 * @param residuals predictions less labels, number by number.
 * @param centreOf the element of the atom that a number is of; undefined for a property of structures.
 */
export function notesOnSuspects(
  residuals: Float64Array,
  centreOf: (number: number) => number | undefined,
  fitted: readonly Pick<FittedPart, 'centre' | 'scale'>[],
): string[] {
  const groups = new Map<number | undefined, number[]>();
  residuals.forEach((residual, number) => {
    const centre = centreOf(number);
    const own = groups.get(centre) ?? [];
    groups.set(centre, own);
    own.push(Math.abs(residual));
  });
  return [...groups].flatMap(([centre, sizes]) => {
    const usual = sizes.slice().sort((a, b) => a - b)[Math.floor(sizes.length / 2)]! / medianSize;
    // Nothing of what does not vary at all.
    const spread = Math.max(...fitted.map((part) => (part.centre === centre ? part.scale : 0)), 0);
    const far = sizes.filter((size) => size > Math.max(spread, suspicious * usual)).length;
    if (far === 0 || spread === 0) return [];
    const of = centre === undefined ? '' : ` of ${chemicalSymbols[centre]}`;
    return `${far} of ${sizes.length} held-out labels${of} are off by more than ${suspicious} times what is usual: if they are wrong, {"likelihood": {"type": "student-t"}} gives such labels little weight`;
  });
}

/** Median size of a number from a Gaussian of variance 1. */
const medianSize = 0.6745;
/** Standard deviations; from a distribution with tails as heavy as exp(−|x|) it is one in 30 000. */
const suspicious = 10;
