// How alike are the atoms of ethanol? Normalised power spectra make their dot product a similarity
// between 0 and 1.

import { fileURLToPath } from 'node:url';

import { PowerSpectrum, readStructures } from 'soapstone';

const data = fileURLToPath(new URL('data/', import.meta.resolve('soapstone/package.json')));
const [ethanol] = await readStructures(`${data}ethanol-test.xyz`);

const soap = new PowerSpectrum({
  cutoff: { radius: 4 },
  density: { width: 0.4 },
  species: ['H', 'C', 'O'],
  normalize: true,
});
const { values, rows, columns } = await soap.compute([ethanol]);
const { species, l, n } = soap.labels[0];
console.log(
  `${rows} atoms × ${columns} features; the first is of elements ${species}, l ${l}, n ${n}`,
);

const row = (atom) => values.subarray(atom * columns, (atom + 1) * columns);
const similarity = (a, b) => row(a).reduce((sum, value, i) => sum + value * row(b)[i], 0);

const names = ethanol.symbols.map((symbol, atom) => `${symbol}${atom}`);
console.log(['', ...names].map((name) => name.padStart(5)).join(''));
for (let a = 0; a < rows; a++) {
  const line = names.map((_, b) => similarity(a, b).toFixed(2).padStart(5)).join('');
  console.log(names[a].padStart(5) + line);
}
