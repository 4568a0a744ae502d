import { readFileSync } from 'node:fs';
import path from 'node:path';

import type {
  EquivariantPowerSpectrumHyperparameters,
  ProductFactor,
  StructureLike,
} from '../../ts';
import { EquivariantPowerSpectrum, PowerSpectrum } from '../../ts';

interface ReferenceBlock {
  readonly lambda: number;
  readonly sigma: number;
  readonly species: readonly [number, number];
  /** [l1, l2, n1, n2] */
  readonly properties: readonly (readonly [number, number, number, number])[];
  /** [centre][μ][property] */
  readonly values: readonly (readonly (readonly number[])[])[];
}

interface ReferenceCase {
  readonly name: string;
  readonly structure: StructureLike;
  readonly hyperparameters: EquivariantPowerSpectrumHyperparameters;
  readonly species: readonly number[];
  readonly ranks: readonly number[];
  readonly centres: readonly number[];
  readonly blocks: readonly ReferenceBlock[];
}

const fixture = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/data/equivariants.json'), 'utf8'),
) as { readonly cases: readonly ReferenceCase[] };

const nameOf = ({ species, n, l }: ProductFactor) => `${species} ${n} ${l}`;

describe('equivariant power spectra of featomic', () => {
  test.each(fixture.cases)(
    '$name',
    ({ hyperparameters, species, ranks, structure, centres, blocks }) => {
      const soap = new EquivariantPowerSpectrum({
        ...hyperparameters,
        species,
        ranks,
        parity: 'both',
      });
      const { values, columns } = soap.computeSync([structure]);
      const columnOf = new Map(
        soap.labels.map(({ lambda, mu, sigma, factors }, column) => [
          [lambda, mu, sigma, ...factors.map(nameOf)].join(),
          column,
        ]),
      );
      const largest = Math.max(...values.map(Math.abs));
      let compared = 0;
      for (const { lambda, sigma, species: elements, properties, values: expected } of blocks) {
        properties.forEach(([l1, l2, n1, n2], q) => {
          const first = { species: elements[0], n: n1, l: l1 };
          const second = { species: elements[1], n: n2, l: l2 };
          const names = [first, second].map(nameOf);
          // One of the two orders is there, times √2; the other differs by the sign of exchange. featomic couples
          // the second factor to the first.
          const scale = names[0] === names[1] ? 1 : Math.SQRT2;
          const exchange = (-1) ** (l1 + l2 + lambda);
          for (let mu = -lambda; mu <= lambda; mu++) {
            const direct = columnOf.get([lambda, mu, sigma, ...names].join());
            const column =
              direct ?? columnOf.get([lambda, mu, sigma, ...names.toReversed()].join());
            for (const [k, centre] of centres.entries()) {
              // featomic also keeps products of a coefficient with itself that vanish.
              const value = column === undefined ? 0 : values[centre * columns + column]!;
              const sign = direct === undefined ? 1 : exchange;
              const reference = expected[k]![mu + lambda]![q]!;
              expect(Math.abs(sign * value - scale * reference)).toBeLessThan(1e-8 * largest);
              if (value !== 0) compared++;
            }
          }
        });
      }
      expect(compared).toBeGreaterThan(columns);
    },
  );
});

test('rank 0 is the power spectrum, times (−1)^l', () => {
  const { hyperparameters, species, structure } = fixture.cases[0]!;
  const { cutoff, density, basis } = hyperparameters;
  const shared = { cutoff, density, basis };
  const equivariant = new EquivariantPowerSpectrum({ ...shared, species, ranks: [0] });
  const invariant = new PowerSpectrum({ ...shared, species });
  const found = equivariant.computeSync([structure]).values;
  const expected = invariant.computeSync([structure]).values;
  const columnOf = new Map(
    invariant.labels.map(({ species: [a, b], l, n: [n, m] }, column) => [
      [nameOf({ species: a!, n: n!, l }), nameOf({ species: b!, n: m!, l })].join(),
      column,
    ]),
  );
  equivariant.labels.forEach(({ factors }, column) => {
    const other = columnOf.get(factors.map(nameOf).join())!;
    const sign = (-1) ** factors[0]!.l;
    for (let atom = 0; atom < structure.species.length; atom++) {
      const value = found[atom * equivariant.features + column]!;
      expect(value).toBeCloseTo(sign * expected[atom * invariant.features + other]!, 12);
    }
  });
});
