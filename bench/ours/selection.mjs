// Times our selection of rows: selection.mjs MATRIX.f64 --method fps|cur --columns F --count N

import { readFileSync } from 'node:fs';

import { curSync, farthestPointsSync } from '../../dist/index.js';
import { emit, parse, perUnit, time } from './measure.mjs';

const flags = parse({ method: 'fps', columns: 1, count: 1 });
const { method, columns, count, threads, runs } = flags;
const bytes = readFileSync(flags.file);
const values = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
const matrix = { values, shape: [values.length / columns, columns] };
const select = { fps: farthestPointsSync, cur: curSync }[method];
const { seconds, result } = time(() => select(matrix, count, { threads }), runs);
emit(flags, [], `selection, ${method}`, {
  per: 'selection',
  secondsPerUnit: perUnit(seconds, 1),
  runs,
  indices: [...result.indices],
});
