// Times per atom at one size: growth.mjs --kind cell|molecules --count N --model MODEL
//
// One cell of silicon with 8 N³ atoms, or a batch of N molecules of ethanol, made here. Neighbour lists and
// energies with forces are those of the whole batch in one call, the lists in memory that is used again; the features
// of a batch of molecules are those of 100 at a time into one array, since all of them would fill the memory.

import { NeighbourMemory, Potential, Structure, neighbourListSync } from '../../dist/index.js';
import { ethanolMolecules, siliconCell } from '../common/workloads.mjs';
import { emit, parse, perUnit, powerSpectrum, spectrumFlags } from './measure.mjs';

const flags = parse({ ...spectrumFlags, kind: 'cell', count: 5, model: '', 'least-seconds': 0.5 });
const { threads, kind, model } = flags;
// The hyperparameters are the standard ones: --count is that of structures here.
const spectrumOf = (structures) => powerSpectrum({ ...flags, ...spectrumFlags }, structures);

const made = kind === 'cell' ? [siliconCell(flags.count, 4)] : ethanolMolecules(flags.count);
const structures = made.map((structure) => new Structure(structure));
const atoms = structures.reduce((sum, { length }) => sum + length, 0);

const spectrum = spectrumOf(structures);
const groupSize = kind === 'cell' ? 1 : 100;
const groups = [];
for (let from = 0; from < structures.length; from += groupSize) {
  groups.push(structures.slice(from, from + groupSize));
}
const out = new Float64Array(spectrum.shape(groups[0]).bytes / 8);
const memory = new NeighbourMemory();
const potential = await Potential.load(model);

const calculations = {
  neighbours: () => neighbourListSync(structures, { cutoff: flags.radius, threads, memory }),
  values: () => groups.forEach((group) => spectrum.computeSync(group, { threads, out })),
  forces: () => potential.predictSync(structures, { threads, stress: false }),
};
emit({ ...flags, file: kind }, structures, 'growth', {
  ...Object.fromEntries(
    Object.entries(calculations).map(([name, compute]) => [name, perUnit(timed(compute), atoms)]),
  ),
  peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
});

/** Seconds of several runs after one that warms up: at least three, and more of short ones. */
function timed(compute) {
  compute();
  const seconds = [];
  let total = 0;
  while (seconds.length < 3 || total < flags['least-seconds']) {
    const start = performance.now();
    compute();
    seconds.push((performance.now() - start) / 1000);
    total += seconds.at(-1);
  }
  return seconds;
}
