import { dot } from '../../common/arrays';
import { isNumerical } from '../../errors';
import type { AsyncOptions } from '../../native/call';
import { GaussianProcess } from '../../regression/gaussian-process';
import type { WeightedSamples } from '../../regression/kernel-weights';
import type { ResolvedTerm } from './config';
import { meanDiagonal, samplesOfPart } from './term-weights';
import type { WeightLabels } from './term-weights';

/**
 * Labels of a part that a term is judged by, at most, and environments around which features are computed for that.
 * So few that it takes seconds; of fewer labels than the least likelihoods say nothing.
 */
const most = { labels: 300, environments: 5000 };
const leastLabels = 20;

/**
 * The place of the term by which alone the labels of all parts are likeliest, less the margin of each in nats a label; 0
 * where labels are too few to say. Each part has the amplitude of the kernel and the noise that are best for it.
 */
export async function likeliestTerm(
  terms: readonly ResolvedTerm[],
  margins: readonly number[],
  given: Omit<WeightLabels, 'learned'>,
  { onProgress, ...run }: AsyncOptions,
): Promise<number> {
  const { structures, parts, per } = given;
  const atoms = structures.reduce((sum, { length }) => sum + length, 0);
  const environments = per === 'structure' ? atoms / structures.length : 1;
  const labels = Math.min(most.labels, most.environments / environments);
  const sets: WeightedSamples[] = [];
  for (const p of parts.keys()) {
    const set = await samplesOfPart(terms, { ...given, learned: false }, p, labels, run);
    if (set) sets.push(set);
  }
  const count = sets.reduce((sum, { targets }) => sum + targets.values.length, 0);
  if (count < leastLabels) return 0;

  let best = { place: 0, evidence: -Infinity };
  for (const place of terms.keys()) {
    let evidence = -margins[place]!;
    for (const set of sets) evidence += (await evidenceOf(set, place, run)) / count;
    if (evidence > best.evidence) best = { place, evidence };
    onProgress?.(place + 1, terms.length);
  }
  return best.place;
}

/**
 * ln p of the labels of a set by one of its kernels, at the best of some ratios of noise to kernel and the best amplitude
 * for each, which is known: n labels y have −½ (n ln (2π yᵀ C⁻¹ y / n) + ln |C| + n) by a covariance in proportion to C
 * (Rasmussen and Williams, section 5.4.1, with the derivative by the amplitude zero). All ratios are tried, because there
 * is a second maximum at which everything is noise.
 */
async function evidenceOf(
  { kernels, targets, weights }: WeightedSamples,
  term: number,
  run: AsyncOptions,
): Promise<number> {
  const kernel = kernels[term]!;
  const count = targets.values.length;
  const size = meanDiagonal(kernel);
  let best = -Infinity;
  for (const ratio of noiseRatios) {
    try {
      const noise = ratio * Math.sqrt(size);
      const process = await GaussianProcess.fit(kernel, targets, { noise, weights, ...run });
      const square = dot(targets.values, process.weights.values);
      const atUnitAmplitude = process.logMarginalLikelihood();
      const gain = (square - count - count * Math.log(square / count)) / 2;
      best = Math.max(best, atUnitAmplitude + gain);
    } catch (error) {
      if (!isNumerical(error)) throw error;
    }
  }
  return best;
}

/** σ of noise in units of the root of k(A, A). */
const noiseRatios = [1, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];
