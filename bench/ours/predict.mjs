// Times energies and forces of a potential, one structure after the other as in a simulation:
// predict.mjs STRUCTURES.xyz --model MODEL.soapstone

import { Potential, readStructures } from '../../dist/index.js';
import { emit, parse, perUnit, time } from './measure.mjs';

const flags = parse({ model: '' });
const { threads, runs } = flags;
const structures = await readStructures(flags.file);
const potential = await Potential.load(flags.model);
const options = { threads, stress: false };
const { seconds } = time(
  () => structures.forEach((structure) => potential.predictSync([structure], options)),
  runs,
);
const atoms = structures.reduce((sum, { length }) => sum + length, 0);
const { energy, forces } = await potential.evaluate(structures, { threads });
emit(flags, structures, 'energy and forces', {
  per: 'atom',
  secondsPerUnit: perUnit(seconds, atoms),
  runs,
  energy,
  forces,
});
