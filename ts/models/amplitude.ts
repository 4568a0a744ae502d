import { amplitudeFor, effectiveCount, equalWeights } from './committee';

/** Fewer held-out samples than this say less about the width of the prior than all labels do. */
export const fewestHeldOut = 10;

/**
 * The variance of the prior that makes uncertainties agree with errors of held-out samples; undefined where these are too
 * few, or do not tell one.
 *
 * @param errors of each component of each sample.
 * @param uncertainties of each sample, for a variance of 1; where there is none, the sample does not count.
 * @param weights how much each sample counts. Default 1.
 */
export function amplitudeOf(
  errors: Float64Array,
  uncertainties: Float64Array,
  weights = equalWeights(uncertainties.length),
): number | undefined {
  const components = errors.length / uncertainties.length;
  const known = weights.filter((_, s) => uncertainties[s]! > 0);
  if (effectiveCount(known) < fewestHeldOut) return undefined;
  const ratios: number[] = [];
  const counted: number[] = [];
  errors.forEach((error, c) => {
    const sample = Math.floor(c / components);
    const uncertainty = uncertainties[sample]!;
    if (!(uncertainty > 0)) return;
    ratios.push(Math.abs(error) / uncertainty);
    counted.push(weights[sample]!);
  });
  const amplitude = amplitudeFor(Float64Array.from(ratios), Float64Array.from(counted));
  return amplitude > 0 && Number.isFinite(amplitude) ? amplitude : undefined;
}

/** What a user should know of a variance that held-out samples did not tell. @param what has it. */
export const noteOnAmplitude = (what = 'uncertainties'): string =>
  `${what} follow from how likely the labels are, since there are fewer than ${fewestHeldOut} held-out labels that tell how wide they should be: they may be off by a factor of two or three`;
