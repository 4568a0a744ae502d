// Times our neighbour list: neighbours.mjs STRUCTURES.xyz [--memory again, that of the list before]

import { NeighbourMemory, neighbourListSync, readStructures } from '../../dist/index.js';
import { emit, parse, perUnit, time } from './measure.mjs';

const flags = parse({ radius: 5, memory: 'new' });
const { radius: cutoff, threads, runs } = flags;
const structures = await readStructures(flags.file);
const memory = flags.memory === 'again' ? new NeighbourMemory() : undefined;
const options = { cutoff, threads, memory };
const { seconds, result } = time(() => neighbourListSync(structures, options), runs);
const pairs = result.reduce((sum, { neighbours }) => sum + neighbours.length, 0);
emit(flags, structures, 'neighbour list', {
  per: 'pair',
  secondsPerUnit: perUnit(seconds, pairs),
  runs,
  norm: pairs,
});
