import { amplitudeFor } from './committee';

/** Fewer held-out samples than this say less about the width of the prior than all labels do. */
export const fewestHeldOut = 10;

/**
 * The variance of the prior that makes uncertainties agree with errors of held-out samples; undefined where these are too
 * few, or do not tell one.
 *
 * @param errors of each component of each sample.
 * @param uncertainties of each sample, for a variance of 1; where there is none, the sample does not count.
 */
export function amplitudeOf(errors: Float64Array, uncertainties: Float64Array): number | undefined {
  const components = errors.length / uncertainties.length;
  const known = uncertainties.filter((u) => u > 0).length;
  if (known < fewestHeldOut) return undefined;
  const ratios: number[] = [];
  errors.forEach((error, c) => {
    const uncertainty = uncertainties[Math.floor(c / components)]!;
    if (uncertainty > 0) ratios.push(Math.abs(error) / uncertainty);
  });
  const amplitude = amplitudeFor(Float64Array.from(ratios));
  return amplitude > 0 && Number.isFinite(amplitude) ? amplitude : undefined;
}

/** What a user should know of a variance that held-out samples did not tell. */
export const noteOnAmplitude = `uncertainties follow from how likely the labels are, since there are fewer than ${fewestHeldOut} held-out labels that tell how wide they should be: they may be off by a factor of two or three`;
