// Which tenth of the features tells most? Farthest point sampling picks columns on some structures;
// from then on only those are computed.

import { fileURLToPath } from 'node:url';

import { farthestPoints, PowerSpectrum, readStructures } from 'soapstone';

const data = fileURLToPath(new URL('data/', import.meta.resolve('soapstone/package.json')));
const structures = (await readStructures(`${data}water-train.xyz`)).slice(0, 10);

const full = new PowerSpectrum({ cutoff: { radius: 4 }, species: ['H', 'O'] });
const features = await full.compute(structures);
const { values, columns } = features;
const { indices } = await farthestPoints(features, Math.round(columns / 10), { axis: 'columns' });
const few = full.select(indices);
const { species, l, n } = few.labels[0];
console.log(
  `${few.features} of ${columns} columns; the first: elements ${species}, l ${l}, n ${n}`,
);

const some = await few.compute(structures);
const column = few.hyperparameters.columns[0];
console.log(`atom 0: ${some.values[0].toFixed(6)}, among all ${values[column].toFixed(6)}`);
// The hyperparameters, as JSON, are all that another program needs: soapstone featurize --config.
console.log(JSON.stringify(few.hyperparameters).slice(0, 60) + '…');
