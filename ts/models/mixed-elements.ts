import type { ResolvedChannels } from '../density/channels';

/** Features grow with the square of the number of channels: more elements than these are not kept apart by default. */
export const mostApart = 8;

/** Mixtures of elements that are alike by their properties; widths of about what neighbours in the table differ by. */
export const mixedByLikeness = (count: number): ResolvedChannels => ({
  type: 'properties',
  count,
  widths: { electronegativity: 0.6, radius: 0.2, period: 2, group: 2 },
  extrapolate: false,
});
