// Features for vectors and tensors: those of rank λ = 1 turn as the molecule turns. Pseudoscalars change their sign
// in a mirror, so they tell left from right hands.

import { fileURLToPath } from 'node:url';

import { AtomicClusterExpansion, EquivariantPowerSpectrum, readStructures } from 'soapstone';

const data = fileURLToPath(new URL('data/', import.meta.resolve('soapstone/package.json')));
const [ethanol] = await readStructures(`${data}ethanol-test.xyz`);

const species = ['H', 'C', 'O'];
const basis = { maxAngular: 3, radial: { count: 3 } };
const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
const similarity = (a, b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

// A third of a turn about (1, 1, 1) takes x to y, y to z and z to x. Real harmonics of l = 1 are y, z, x.
const cycle = ([x, y, z]) => [z, x, y];
const moved = (move) => ({
  species: ethanol.species,
  positions: Float64Array.from(
    ethanol.symbols.flatMap((_, i) => move([...ethanol.positions.subarray(3 * i, 3 * i + 3)])),
  ),
});

const vectors = new EquivariantPowerSpectrum({ cutoff: { radius: 4 }, basis, species, ranks: [1] });
const [{ column, functions }] = vectors.blocks;
const { values: before, rows, columns } = await vectors.compute([ethanol]);
const { values: after } = await vectors.compute([moved(cycle)]);
console.log(`${functions} vectors for each of ${rows} atoms`);
const component = (values, mu) =>
  Array.from({ length: rows }, (_, i) =>
    Array.from(values.subarray(i * columns + column + mu * functions).subarray(0, functions)),
  ).flat();
const turned = cycle([component(before, 2), component(before, 0), component(before, 1)]).flat();
const now = [component(after, 2), component(after, 0), component(after, 1)].flat();
console.log(`turned with the molecule: ${similarity(turned, now).toFixed(6)}`);

const scalars = new AtomicClusterExpansion({
  cutoff: { radius: 4 },
  species,
  maxOrder: 4,
  maxDegree: 9,
  parity: 'both',
});
const mirrored = moved(([x, y, z]) => [-x, y, z]);
const [left, right] = [ethanol, mirrored].map((molecule) => scalars.computeSync([molecule]).values);
const signs = scalars.labels.map(({ sigma }) => sigma);
const ofParity = (values, sigma) => values.filter((_, k) => signs[k % scalars.features] === sigma);
const [proper, pseudo] = [1, -1].map((sigma) =>
  similarity(ofParity(left, sigma), ofParity(right, sigma)).toFixed(6),
);
console.log(`mirrored: scalars ${proper}, pseudoscalars ${pseudo}`);
