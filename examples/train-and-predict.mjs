// Trains a potential of water, tests it, saves it, and predicts with the saved file.

import { fileURLToPath } from 'node:url';

import { Potential, readStructures } from 'soapstone';

const data = fileURLToPath(new URL('data/', import.meta.resolve('soapstone/package.json')));
const training = await readStructures(`${data}water-train.xyz`);
const test = await readStructures(`${data}water-test.xyz`);

// Without `config` everything is found from the data, which takes longer.
const { potential, summary } = await Potential.train(training, {
  config: {
    representation: { cutoff: { radius: 4 }, basis: { maxAngular: 4, radial: { count: 6 } } },
    kernel: { zeta: 2 },
    sparse: { count: 300 },
  },
  onProgress: ({ stage, done, total }) => {
    if (done === total) console.log(`${stage}: done`);
  },
});
console.log(`trained on ${summary.structures} structures in ${summary.seconds.toFixed(1)} s`);

const { energy, forces } = await potential.evaluate(test);
console.log(`energy error: ${(1000 * energy.mae).toFixed(2)} meV/atom (mean absolute)`);
console.log(`force error:  ${(1000 * forces.mae).toFixed(1)} meV/Å`);

await potential.save('water.soapstone');
const saved = await Potential.load('water.soapstone');
const [prediction] = await saved.predict([test[0]], { uncertainty: true });
console.log(
  `first test structure: ${prediction.energy.toFixed(4)} ± ${prediction.energyUncertainty.toFixed(4)} eV, ` +
    `reference ${test[0].info.energy} eV`,
);
