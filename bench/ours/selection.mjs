// Times our selection of rows: selection.mjs MATRIX.f64 --method fps|cur|pcov-fps|pcov-cur --columns F --count N

import { readFileSync } from 'node:fs';

import { curSync, farthestPointsSync } from '../../dist/index.js';
import { emit, parse, perUnit, time } from './measure.mjs';

const flags = parse({ method: 'fps', columns: 1, count: 1 });
const { method, columns, count, threads, runs } = flags;
const bytes = readFileSync(flags.file);
const values = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
const matrix = { values, shape: [values.length / columns, columns] };
const select = method.endsWith('fps') ? farthestPointsSync : curSync;
// The target: the sum of every seventh column.
const target = new Float64Array(matrix.shape[0]).map((_, row) =>
  values
    .subarray(row * columns, (row + 1) * columns)
    .reduce((sum, x, j) => (j % 7 ? sum : sum + x), 0),
);
const options = method.startsWith('pcov') && {
  targets: { values: target, shape: [target.length, 1] },
  mixing: 0.5,
};
const { seconds, result } = time(() => select(matrix, count, { threads, ...options }), runs);
emit(flags, [], `selection, ${method}`, {
  per: 'selection',
  secondsPerUnit: perUnit(seconds, 1),
  runs,
  indices: [...result.indices],
});
