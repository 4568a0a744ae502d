import { inTurns, Pace } from '../../common/turns';
import type { Steps } from '../../common/turns';
import type { Samples } from '../../kernels';
import type { AsyncOptions } from '../../native/call';
import type { Environment } from '../../representations';
import type { Structure } from '../../structures/structure';
import type { ResolvedTerm } from './config';
import { FeatureGroups } from './feature-groups';
import type { FeatureGroup } from './feature-groups';
import type { Part } from './irreps';

/** Samples of which some are copies of others. */
export interface Distinct {
  /** Rows of which none is a copy of another, ascending. */
  readonly rows: Int32Array;
  /** Which of these each sample is, or is a copy of. */
  readonly of: Int32Array;
}

/**
 * Tells copies among the environments of structures: atoms of a crystal that its symmetry maps onto each other have the
 * same invariants, and need one row of the kernel. Only atoms of one structure are compared, so that what a structure
 * gives does not depend on those beside it.
 *
 * @param samples the invariants of the same environments by each term of the kernel.
 * @param structures which structure each environment is in, ascending.
 */
export function* tellingCopies(
  samples: readonly Samples[],
  structures: Int32Array,
): Steps<Distinct> {
  const pace = new Pace();
  const columns = samples.reduce((sum, features) => sum + features.columns, 0);
  const norms = samples.map(() => new Float64Array(structures.length));
  const isCopy = (row: number, other: number) =>
    samples.every((features, term) => {
      const [own, its] = [norms[term]![row]!, norms[term]![other]!];
      return Math.abs(own - its) <= same * own && distance(features, row, other) <= same * own;
    });
  const rows: number[] = [];
  const of = new Int32Array(structures.length);
  let first = 0;
  for (let row = 0; row < structures.length; row++) {
    if (structures[row] !== structures[row - 1]) first = rows.length;
    samples.forEach((features, term) => (norms[term]![row] = norm(features, row)));
    let copied = first;
    while (copied < rows.length && !isCopy(row, rows[copied]!)) copied++;
    if (copied === rows.length) rows.push(row);
    of[row] = copied;
    if (pace.passed(columns)) yield;
  }
  return { rows: Int32Array.from(rows), of };
}

/** Relative difference of features that rounded positions make. */
const same = 1e-5;

function norm({ values, columns }: Samples, row: number): number {
  let sum = 0;
  for (let f = row * columns; f < (row + 1) * columns; f++) sum += values[f]! ** 2;
  return Math.sqrt(sum);
}

function distance({ values, columns }: Samples, a: number, b: number): number {
  let sum = 0;
  for (let f = 0; f < columns; f++)
    sum += (values[a * columns + f]! - values[b * columns + f]!) ** 2;
  return Math.sqrt(sum);
}

/** Labels and weights of samples, those of copies made one: the mean label, the sum of weights. */
export function mergeCopies(
  { rows, of }: Distinct,
  labels: Float64Array,
  weights: Float64Array | undefined,
): { readonly labels: Float64Array; readonly weights: Float64Array } {
  const width = labels.length / of.length;
  const merged = new Float64Array(rows.length * width);
  const total = new Float64Array(rows.length);
  of.forEach((d, sample) => (total[d]! += weights?.[sample] ?? 1));
  of.forEach((d, sample) => {
    const share = (weights?.[sample] ?? 1) / total[d]!;
    for (let c = 0; c < width; c++) merged[d * width + c]! += share * labels[sample * width + c]!;
  });
  return { labels: merged, weights: total };
}

/** All environments of structures in their order, copies left out. */
export async function distinctEnvironments(
  terms: readonly ResolvedTerm[],
  structures: readonly Structure[],
  run: AsyncOptions,
): Promise<Environment[]> {
  const environments: Environment[] = [];
  let first = 0;
  for await (const group of new FeatureGroups(terms, []).of(structures, 0, run)) {
    const samples = terms.map((_, term) => group.samples(term, invariants));
    const of = structureOf(group);
    const { rows } = await inTurns(tellingCopies(samples, of), run.signal);
    for (const row of rows) environments.push([first + of[row]!, row - group.offsets[of[row]!]!]);
    first += group.structures.length;
  }
  return environments;
}

const invariants: Part = { lambda: 0, sigma: 1, copies: 1 };

/** Which structure of the group each of its environments is in. */
export function structureOf({ offsets }: Pick<FeatureGroup, 'offsets'>): Int32Array {
  const all = new Int32Array(offsets[offsets.length - 1]!);
  for (let s = 0; s + 1 < offsets.length; s++) all.fill(s, offsets[s], offsets[s + 1]);
  return all;
}
