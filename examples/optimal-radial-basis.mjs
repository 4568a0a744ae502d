// Four radial functions that do the work of twelve: principal components of the densities of some molecules,
// judged on molecules that they have not seen.

import { fileURLToPath } from 'node:url';

import { optimalRadialBasis, PowerSpectrum, readStructures } from 'soapstone';

const data = fileURLToPath(new URL('data/', import.meta.resolve('soapstone/package.json')));
const training = (await readStructures(`${data}ethanol-train.xyz`)).slice(0, 50);
const test = (await readStructures(`${data}ethanol-test.xyz`)).slice(0, 5);

const withFunctions = (count) => ({
  cutoff: { radius: 5 },
  density: { width: 0.3 },
  basis: { maxAngular: 6, radial: { count } },
  species: ['H', 'C', 'O'],
});
const large = withFunctions(12);
const optimal = await optimalRadialBasis(training, large, { count: 4 });
console.log('share of the density that is kept, for l = 0, 1 … 6:');
optimal.retained.forEach((shares, element) => {
  const percent = shares.map((share) => `${(100 * share).toFixed(1)} %`).join('  ');
  console.log(`${'HCO'[element]}  ${percent}`);
});

/** Dot products of all environments with each other: what a kernel sees of them. */
async function dotProducts(hyperparameters) {
  const { values, rows, columns } = await new PowerSpectrum(hyperparameters).compute(test);
  const row = (i) => values.subarray(i * columns, (i + 1) * columns);
  const all = Array.from({ length: rows }, (_, i) => i);
  return all.flatMap((i) =>
    all.map((j) => row(i).reduce((sum, x, column) => sum + x * row(j)[column], 0)),
  );
}

const expected = await dotProducts(large);
const norm = Math.hypot(...expected);
async function report(name, hyperparameters) {
  const found = await dotProducts(hyperparameters);
  const error = Math.hypot(...found.map((x, k) => x - expected[k])) / norm;
  const { features } = new PowerSpectrum(hyperparameters);
  console.log(`${name}: ${features} features, error of dot products ${error.toExponential(1)}`);
}
await report('12 functions        ', large);
await report(' 4 plain functions  ', withFunctions(4));
await report(' 4 optimal functions', optimal.hyperparameters);
