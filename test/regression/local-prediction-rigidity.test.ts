import { readFileSync } from 'node:fs';
import path from 'node:path';

import { localPredictionRigidity } from '../../ts';
import type { Matrix } from '../../ts';
import { failing } from '../failing';

interface Reference {
  readonly training: readonly number[][][];
  readonly test: readonly number[][][];
  readonly cases: readonly { readonly alpha: number; readonly rigidity: readonly number[][] }[];
}
const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/data/rigidity.json'), 'utf8'),
) as Reference;
const matrix = (rows: readonly number[][]): Matrix => ({
  values: Float64Array.from(rows.flat()),
  shape: [rows.length, rows[0]!.length],
});
const training = reference.training.map(matrix);
const asked = reference.test.map(matrix);

test.each(reference.cases)('is that of scikit-matter: alpha $alpha', async (wanted) => {
  const found = await localPredictionRigidity(training, asked, { regularizer: wanted.alpha });
  expect(found.map(({ length }) => length)).toEqual([2, 4, 1]);
  found.forEach((own, s) =>
    own.forEach((value, i) => expect(value / wanted.rigidity[s]![i]!).toBeCloseTo(1, 7)),
  );
});

test('does not depend on the unit of features', async () => {
  const scaled = (all: readonly Matrix[]) =>
    all.map(({ values, shape }) => ({ values: values.map((x) => 1000 * x), shape }));
  const [a, b] = await Promise.all([
    localPredictionRigidity(training, asked, { regularizer: 0.1 }),
    localPredictionRigidity(scaled(training), scaled(asked), { regularizer: 0.1 }),
  ]);
  expect(b[1]![2]! / a[1]![2]!).toBeCloseTo(1, 9);
});

test('says what is wrong', async () => {
  const none: Matrix = { values: new Float64Array(12), shape: [2, 6] };
  const narrow: Matrix = { values: new Float64Array(4), shape: [2, 2] };
  const run = (a: readonly Matrix[], b: readonly Matrix[], regularizer = 1) =>
    localPredictionRigidity(a, b, { regularizer });
  await expect(run([], asked)).rejects.toEqual(failing({ path: 'training' }));
  await expect(run([none], asked)).rejects.toEqual(failing({ path: 'training' }));
  await expect(run(training, [narrow])).rejects.toEqual(failing({ path: 'test[0].shape[1]' }));
  await expect(run(training, asked, 0)).rejects.toEqual(failing({ path: 'regularizer' }));
  expect(await run(training, [])).toEqual([]);
});
