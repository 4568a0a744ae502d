// Times our long-range expansion: long-range.mjs STRUCTURES.xyz
//
// With --vjp also the derivatives, in one pass with the values.

import { readStructures, SphericalExpansion } from '../../dist/index.js';
import { emit, parse, perUnit, time } from './measure.mjs';

const flags = parse({ width: 1, radius: 5, count: 8, 'max-angular': 6, vjp: 0 });
const { threads, runs } = flags;
const structures = await readStructures(flags.file);
const expansion = new SphericalExpansion({
  cutoff: { radius: flags.radius },
  density: { type: 'power-law', width: flags.width },
  basis: { maxAngular: flags['max-angular'], radial: { count: flags.count } },
  species: [...new Set(structures.flatMap(({ species }) => [...species]))],
});
const { values, rows } = expansion.computeSync(structures, { threads });
const compute =
  flags.vjp > 0
    ? () => expansion.vjpSync(structures, values, { threads })
    : () => expansion.computeSync(structures, { threads });
emit(flags, structures, flags.vjp > 0 ? 'long-range expansion, vjp' : 'long-range expansion', {
  per: 'atom',
  secondsPerUnit: perUnit(time(compute, runs).seconds, rows),
  runs,
  norm: Math.sqrt(values.reduce((sum, x) => sum + x * x, 0)),
});
