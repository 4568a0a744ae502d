// Times any representation: products.mjs STRUCTURES.xyz --hyperparameters JSON
//
// With --vjp its derivatives instead of its values.

import { createRepresentation, readStructures } from '../../dist/index.js';
import { emit, parse, perUnit, time } from './measure.mjs';

const flags = parse({ hyperparameters: '{}', vjp: 0 });
const { threads, runs } = flags;
const structures = await readStructures(flags.file);
const representation = createRepresentation({
  ...JSON.parse(flags.hyperparameters),
  species: [...new Set(structures.flatMap(({ species }) => [...species]))],
});
const { values, rows, columns } = representation.computeSync(structures, { threads });
// featomic keeps c_l c_l' only for l ≤ l', as it is; ours is times √2.
const weights = representation.labels.map(({ factors: [first, second] }) =>
  second !== undefined && first.l !== second.l ? 0.5 : 1,
);
const out = new Float64Array(values);
const compute =
  flags.vjp > 0
    ? () => representation.vjpSync(structures, values, { threads })
    : () => representation.computeSync(structures, { threads, out });
emit(flags, structures, representation.hyperparameters.type, {
  per: 'atom',
  secondsPerUnit: perUnit(time(compute, runs).seconds, rows),
  runs,
  columns,
  vjp: flags.vjp > 0,
  norm: Math.sqrt(values.reduce((sum, x, k) => sum + weights[k % columns] * x * x, 0)),
});
