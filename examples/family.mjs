// One density, many representations: each is made by its type, and has the same four things, a shape with
// labels, values, vector–Jacobian products and Jacobians.

import { fileURLToPath } from 'node:url';

import {
  createRepresentation,
  neighbourList,
  readStructures,
  SphericalExpansionByPair,
} from 'soapstone';

const data = fileURLToPath(new URL('data/', import.meta.resolve('soapstone/package.json')));
const [ethanol] = await readStructures(`${data}ethanol-test.xyz`);

const cutoff = { radius: 4 };
const basis = { maxAngular: 3, radial: { count: 5 } };
const species = ['H', 'C', 'O'];
const points = { type: 'delta', centerWeight: 0 };

const family = [
  { type: 'radial-spectrum', cutoff, basis: { radial: basis.radial }, species },
  { type: 'spherical-expansion', cutoff, basis, species },
  { type: 'power-spectrum', cutoff, basis, species },
  { type: 'power-spectrum', cutoff, basis, species, coupling: { type: 'mu' } },
  { type: 'equivariant-power-spectrum', cutoff, basis, species, ranks: [1] },
  { type: 'bispectrum', cutoff, basis: { maxAngular: 2, radial: { count: 2 } }, species },
  { type: 'ace', cutoff, density: points, species, maxOrder: 4, maxDegree: 6 },
  {
    type: 'structure-average',
    of: {
      type: 'concatenation',
      species,
      parts: [
        { representation: { cutoff: { radius: 3 }, basis, normalize: true } },
        { weight: 0.5, representation: { type: 'radial-spectrum', cutoff: { radius: 6 } } },
      ],
    },
  },
];

for (const hyperparameters of family) {
  const representation = createRepresentation(hyperparameters);
  const { rows, columns } = await representation.compute([ethanol]);
  const last = JSON.stringify(representation.labels.at(-1));
  console.log(
    `${hyperparameters.type.padEnd(27)} ${columns} columns, ${rows} rows; the last is`,
    last,
  );
}

const byPair = new SphericalExpansionByPair({ cutoff, basis });
const [pairs] = await neighbourList([ethanol], { cutoff: cutoff.radius });
const bonds = await byPair.compute(pairs);
console.log(`by pair: ${bonds.length / byPair.features} pairs, ${byPair.features} columns`);
