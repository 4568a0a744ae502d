// Times our neighbour list: neighbours.mjs STRUCTURES.xyz

import { neighbourListSync, readStructures } from '../../dist/index.js';
import { emit, parse, perUnit, time } from './measure.mjs';

const flags = parse({ radius: 5 });
const { radius: cutoff, threads, runs } = flags;
const structures = await readStructures(flags.file);
const { seconds, result } = time(() => neighbourListSync(structures, { cutoff, threads }), runs);
const pairs = result.reduce((sum, { neighbours }) => sum + neighbours.length, 0);
emit(flags, structures, 'neighbour list', {
  per: 'pair',
  secondsPerUnit: perUnit(seconds, pairs),
  runs,
  norm: pairs,
});
