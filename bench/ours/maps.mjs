// Times our kernel principal components: maps.mjs MATRIX.f64 --method dot-product|gaussian --columns F --landmarks M
//
// With --landmarks 0 on all samples.

import { readFileSync } from 'node:fs';

import { KernelPrincipalComponents } from '../../dist/index.js';
import { emit, parse, perUnit, timeAsync } from './measure.mjs';

const flags = parse({ method: 'gaussian', columns: 1, landmarks: 0 });
const { method, columns, landmarks, threads, runs } = flags;
const bytes = readFileSync(flags.file);
const values = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
const samples = { values, rows: values.length / columns, columns };
const kernels = {
  'dot-product': { type: 'dot-product', zeta: 2, normalize: false },
  gaussian: { type: 'gaussian', width: 0.5 },
};
let found;
const seconds = await timeAsync(async () => {
  const sparse = landmarks > 0 && { landmarks };
  found = await KernelPrincipalComponents.fit(samples, kernels[method], { threads, ...sparse });
}, runs);
emit(flags, [], `kernel principal components, ${method}`, {
  per: 'map',
  secondsPerUnit: perUnit(seconds, 1),
  runs,
  eigenvalues: [...found.eigenvalues],
});
