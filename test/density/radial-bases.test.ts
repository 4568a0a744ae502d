import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { SphericalExpansionHyperparameters, StructureLike } from '../../ts';
import { SphericalExpansion } from '../../ts';

interface ReferenceCase {
  readonly name: string;
  readonly structure: StructureLike;
  readonly hyperparameters: SphericalExpansionHyperparameters;
  readonly species: readonly number[];
  readonly centres: readonly number[];
  /** [centre][species][l² + l + m][n] */
  readonly values: readonly (readonly (readonly (readonly number[])[])[])[];
}

const { cases } = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/data/radial_bases.json'), 'utf8'),
) as { readonly cases: readonly ReferenceCase[] };

test.each(cases)('the expansion of featomic: $name', (reference) => {
  const { hyperparameters, species, structure, centres, values: expected } = reference;
  const expansion = new SphericalExpansion({ ...hyperparameters, species });
  const { values, columns } = expansion.computeSync([structure]);
  const largest = Math.max(...expected.flat(3).map(Math.abs));
  centres.forEach((centre, k) => {
    expansion.labels.forEach(({ lambda: l, mu: m, factors }, column) => {
      const { species: element, n } = factors[0]!;
      const theirs = expected[k]![species.indexOf(element!)]![l * l + l + m]![n]!;
      const difference = Math.abs(values[centre * columns + column]! - theirs);
      expect(difference).toBeLessThan(1e-7 * largest);
    });
  });
  expect(largest).toBeGreaterThan(0.05);
});
