// Where are the neighbours of an atom? The power spectrum of the middle carbon of ethanol, seen in
// real space, has a peak for every pair of neighbours: two distances and the angle between them.

import { fileURLToPath } from 'node:url';

import { PowerSpectrum, readStructures, realSpaceCorrelation } from 'soapstone';

const data = fileURLToPath(new URL('data/', import.meta.resolve('soapstone/package.json')));
const [ethanol] = await readStructures(`${data}ethanol-test.xyz`);

// A large basis and narrow Gaussians: a sharp picture.
const soap = new PowerSpectrum({
  cutoff: { radius: 3, smoothing: { width: 0.5 } },
  density: { width: 0.2, centerWeight: 0 },
  basis: { maxAngular: 14, radial: { type: 'bessel', count: 14 } },
  species: ['H', 'C', 'O'],
});

const distance = (i, j) =>
  Math.hypot(...[0, 1, 2].map((a) => ethanol.positions[3 * j + a] - ethanol.positions[3 * i + a]));
const atoms = ethanol.symbols.map((symbol, atom) => ({ symbol, atom }));
const oxygen = atoms.find(({ symbol }) => symbol === 'O').atom;
const carbons = atoms.filter(({ symbol }) => symbol === 'C').map(({ atom }) => atom);
const [centre, end] = carbons.sort((a, b) => distance(a, oxygen) - distance(b, oxygen));

const { values, columns } = await soap.compute([ethanol]);
const features = values.subarray(centre * columns, (centre + 1) * columns);
const range = (from, to, count) =>
  Float64Array.from({ length: count }, (_, k) => from + ((to - from) * k) / (count - 1));
const first = range(1, 2, 51);
const second = range(1, 2, 51);
const degrees = range(0, 180, 61);
const cosines = degrees.map((angle) => Math.cos((angle * Math.PI) / 180));
const density = realSpaceCorrelation(soap, features, {
  species: ['C', 'O'],
  first,
  second,
  cosines,
});

const peak = density.indexOf(density.reduce((most, value) => Math.max(most, value)));
const k = peak % cosines.length;
const j = Math.floor(peak / cosines.length) % second.length;
const i = Math.floor(peak / cosines.length / second.length);
const [a, b, c] = [distance(centre, end), distance(centre, oxygen), distance(end, oxygen)];
const angle = (Math.acos((a * a + b * b - c * c) / (2 * a * b)) * 180) / Math.PI;
console.log(
  `largest: C at ${first[i].toFixed(2)} Å, O at ${second[j].toFixed(2)} Å, ${degrees[k].toFixed(0)}° between them;` +
    ` in the structure ${a.toFixed(2)} Å, ${b.toFixed(2)} Å, ${angle.toFixed(0)}°`,
);
