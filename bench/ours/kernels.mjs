// Times our kernels between rows: kernels.mjs MATRIX.f64 --method dot-product|gaussian|matern|laplacian|ridge --columns F
//
// `ridge` trains on the first half of the rows and predicts the second; labels are a function of the features.

import { readFileSync } from 'node:fs';

import { GaussianProcess, kernelMatrix, kernelMatrixSync } from '../../dist/index.js';
import { emit, parse, perUnit, time, timeAsync } from './measure.mjs';

const flags = parse({ method: 'gaussian', columns: 1 });
const { method, columns, threads, runs } = flags;
const bytes = readFileSync(flags.file);
const values = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
const rows = values.length / columns;
const samples = { values, rows, columns };
const width = 0.5;
const kernels = {
  'dot-product': { type: 'dot-product', zeta: 2, normalize: false },
  gaussian: { type: 'gaussian', width },
  matern: { type: 'matern', width },
  laplacian: { type: 'laplacian', width },
};

let seconds;
let sample;
if (method === 'ridge') {
  const half = rows / 2;
  const part = (first, last) => ({
    values: values.subarray(first * columns, last * columns),
    rows: last - first,
    columns,
  });
  const [train, test] = [part(0, half), part(half, rows)];
  const labels = Float64Array.from({ length: half }, (_, i) => Math.sin(50 * values[i * columns]));
  let predicted;
  seconds = await timeAsync(async () => {
    const targets = { values: labels, shape: [half, 1] };
    const own = await kernelMatrix(train, undefined, kernels.gaussian, { threads });
    const process = await GaussianProcess.fit(own, targets, { noise: 0.01, threads });
    const between = await kernelMatrix(test, train, kernels.gaussian, { threads });
    predicted = (await process.predict(between)).values;
  }, runs);
  sample = [...predicted];
} else {
  const timed = time(
    () => kernelMatrixSync(samples, undefined, kernels[method], { threads }),
    runs,
  );
  ({ seconds } = timed);
  sample = Array.from(
    { length: Math.floor((rows * rows) / 9973) },
    (_, k) => timed.result.values[9973 * k],
  );
}
emit(flags, [], `kernels, ${method}`, {
  per: 'matrix',
  secondsPerUnit: perUnit(seconds, 1),
  runs,
  sample,
});
