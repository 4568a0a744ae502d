// Some of all that the engine computes, as JSON: run with the addon of each CPU level.

import { fileURLToPath } from 'node:url';

import {
  neighbourList,
  Potential,
  PowerSpectrum,
  readStructures,
  systemInfo,
} from '../../dist/index.js';

const silicon = {
  positions: [
    [0.1, 0, 0],
    [1.36, 1.3, 1.4],
  ],
  species: ['Si', 'Si'],
  cell: [
    [0, 2.7, 2.7],
    [2.7, 0, 2.7],
    [2.7, 2.7, 0],
  ],
};

const hyperparameters = {
  species: ['H', 'C', 'O', 'Si'],
  basis: { maxAngular: 5, radial: { count: 7 } },
};

const config = {
  representation: { cutoff: { radius: 4 }, basis: { maxAngular: 3, radial: { count: 5 } } },
  kernel: { zeta: 2 },
  baseline: { type: 'least-squares' },
  sparse: { count: 50 },
  noise: { energy: 0.01, forces: 0.1 },
  validation: { fraction: 0 },
};

/** The first structures of a file of the data set in the package. */
async function read(name) {
  const file = fileURLToPath(new URL(`../../data/${name}`, import.meta.url));
  return (await readStructures(file)).slice(0, 40);
}

async function calculate() {
  const molecules = [...(await read('water-train.xyz')), ...(await read('ethanol-train.xyz'))];
  const some = [...molecules.slice(0, 3), ...molecules.slice(-3), silicon];

  const lists = await neighbourList(some, { cutoff: 5 });
  const all = (objects, name) => objects.flatMap((object) => Array.from(object[name]));
  const soap = new PowerSpectrum(hyperparameters);
  const unit = new PowerSpectrum({ ...hyperparameters, normalize: true });
  const { values } = await soap.compute(some);
  const gradient = values.map((_, k) => Math.sin(1 + k));
  const { positions, strain } = await soap.vjp(some, gradient);
  const jacobian = await soap.jacobian([silicon, molecules[0]]);
  const { potential } = await Potential.train(molecules, { config });
  const predictions = await potential.predict(molecules, { uncertainty: true });
  return {
    cpuLevel: systemInfo().cpuLevel,
    pairs: ['first', 'neighbours', 'shifts'].flatMap((name) => all(lists, name)),
    vectors: all(lists, 'vectors'),
    features: Array.from(values),
    'normalised features': Array.from((await unit.compute(some)).values),
    'vector–Jacobian product': [...positions, ...strain],
    Jacobian: Array.from(await jacobian.compute()),
    weights: Array.from(potential.parts.weights),
    energies: predictions.map(({ energy }) => energy),
    forces: all(predictions, 'forces'),
    uncertainties: predictions.map(({ energyUncertainty }) => energyUncertainty),
  };
}

console.log(JSON.stringify(await calculate()));
