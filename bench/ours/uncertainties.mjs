// How uncertainties of a potential agree with errors: uncertainties.mjs TRAIN.xyz --test TEST.xyz [--config JSON]
//
// Forces also with the width of energies, as they were before they had a factor of their own.

import { calibrationOf, Potential, readStructures } from '../../dist/index.js';
import { emit, parse } from './measure.mjs';

const flags = parse({ test: '', config: '{}' });
const { threads } = flags;
const structures = await readStructures(flags.file);
const { potential } = await Potential.train(structures, {
  config: JSON.parse(flags.config),
  threads,
});
const { parity } = await potential.evaluate(await readStructures(flags.test), {
  threads,
  uncertainty: 'all',
});
const { factors } = potential.parts;
const asEnergies = parity.forces.uncertainty.map((u) => u / factors.forces);
emit(flags, structures, 'uncertainties', {
  committee: potential.members,
  factors,
  energy: calibrationOf(parity.energy).within,
  forces: calibrationOf(parity.forces).within,
  forcesAsEnergies: calibrationOf({ ...parity.forces, uncertainty: asEnergies }).within,
});
