import { coupled } from './couplings';
import type { Channels, Density, ResolvedCoupling } from './couplings';
import type { Field } from '../density/expansion';

/** What a column of a power spectrum is: p_qq'l of two densities, which are c^α_n and c^α'_n' where nothing is mixed. */
export interface PowerSpectrumLabel {
  /** Atomic numbers α and α' of the two densities; null for a density of several elements. */
  readonly species: readonly [number | null, number | null];
  /** Whether they are local or long-range, where there are both. */
  readonly fields?: readonly [Field, Field];
  /** Angular momentum. */
  readonly l: number;
  /** Radial functions n and n'; null for a density of several. n ≤ n' where α = α'. */
  readonly n: readonly [number | null, number | null];
  /** Numbers of the two densities among the mixtures or projections of a coupling that has such. */
  readonly mixtures?: readonly [number, number];
}

/** Labels of all columns in their order: pairs of groups, as of elements α ≤ α', then l, then q, then q'. */
export function powerSpectrumLabels(
  coupling: ResolvedCoupling,
  channels: Channels,
  maxAngular: number,
): PowerSpectrumLabel[] {
  const { first, second, pairing } = coupled(coupling, channels);
  const labels: PowerSpectrumLabel[] = [];
  first.forEach((group, g) => {
    (second ?? first).forEach((other, h) => {
      if (pairing === 'all' ? !second && h < g : h !== g) return;
      for (let l = 0; l <= maxAngular; l++) {
        group.forEach((a, q) => {
          const from = pairing === 'elementwise' || (!second && g === h) ? q : 0;
          const to = pairing === 'elementwise' ? q + 1 : other.length;
          for (let r = from; r < to; r++) labels.push(labelOf(a, other[r]!, l));
        });
      }
    });
  });
  return labels;
}

const labelOf = (a: Density, b: Density, l: number): PowerSpectrumLabel => ({
  species: [a.species, b.species],
  ...(a.field && b.field && { fields: [a.field, b.field] }),
  l,
  n: [a.n, b.n],
  ...(a.mixture !== null && b.mixture !== null && { mixtures: [a.mixture, b.mixture] }),
});
