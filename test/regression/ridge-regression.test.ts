import { assignFolds, foldsOf, RidgeRegression } from '../../ts';
import type { Matrix } from '../../ts';
import { randomNumbers } from '../../ts/common/random';
import { failing } from '../failing';

const random = randomNumbers(17);
const matrix = (rows: number, columns: number): Matrix => ({
  values: Float64Array.from({ length: rows * columns }, () => random() - 0.4),
  shape: [rows, columns],
});
const largest = (values: Float64Array) => Math.max(...values.map(Math.abs));

/** How the loss changes with each coefficient and constant; zero at the minimum. */
function slopes(
  x: Matrix,
  y: Matrix,
  { coefficients, intercept }: RidgeRegression,
  ridge: number,
  weights?: Float64Array,
): { coefficients: Float64Array; intercept: Float64Array } {
  const [[samples, columns], [, targets]] = [x.shape, y.shape];
  const ofCoefficients = coefficients.values.map((c) => ridge * c);
  const ofIntercept = new Float64Array(targets);
  for (let i = 0; i < samples; i++) {
    for (let t = 0; t < targets; t++) {
      let rest = intercept[t]! - y.values[i * targets + t]!;
      for (let f = 0; f < columns; f++) {
        rest += x.values[i * columns + f]! * coefficients.values[f * targets + t]!;
      }
      rest *= weights?.[i] ?? 1;
      ofIntercept[t]! += rest;
      for (let f = 0; f < columns; f++) {
        ofCoefficients[f * targets + t]! += rest * x.values[i * columns + f]!;
      }
    }
  }
  return { coefficients: ofCoefficients, intercept: ofIntercept };
}

describe.each([
  ['more samples than features', 40, 6],
  ['more features than samples', 6, 40],
])('%s', (_, samples, columns) => {
  const [x, y] = [matrix(samples, columns), matrix(samples, 2)];
  const weights = Float64Array.from({ length: samples }, () => 0.5 + random());

  test.each([
    ['', {}],
    [', weighted', { weights }],
    [', without a constant', { intercept: false }],
  ])('is at the minimum of the loss%s', async (_name, options) => {
    const model = await RidgeRegression.fit(x, y, { ridge: 0.3, ...options });
    const found = slopes(x, y, model, 0.3, 'weights' in options ? weights : undefined);
    expect(largest(found.coefficients)).toBeLessThan(1e-10);
    if ('intercept' in options) expect([...model.intercept]).toEqual([0, 0]);
    else expect(largest(found.intercept)).toBeLessThan(1e-10);
    expect(largest(model.coefficients.values)).toBeGreaterThan(0.01);
  });
});

describe.each([
  ['more samples than features', 25, 6],
  ['more features than samples', 9, 30],
])('leaving one out, %s', (_, samples, columns) => {
  const [x, y] = [matrix(samples, columns), matrix(samples, 2)];
  const weights = Float64Array.from({ length: samples }, () => 0.5 + random());
  const rowsOf = ({ values, shape: [, width] }: Matrix, rows: readonly number[]): Matrix => ({
    values: Float64Array.from(rows.flatMap((i) => [...values.slice(i * width, (i + 1) * width)])),
    shape: [rows.length, width],
  });

  test.each([
    ['', {}],
    [', weighted', { weights }],
    [', without a constant', { intercept: false, weights }],
  ])('is as if fitted without it%s', async (_name, options) => {
    const ridge = 0.2;
    const { values, shape } = await RidgeRegression.leaveOneOut(x, y, { ridge, ...options });
    expect(shape).toEqual([samples, 2]);
    for (const { training, test: left } of foldsOf(
      assignFolds(samples, { folds: 'leave-one-out' }),
    )) {
      const model = await RidgeRegression.fit(rowsOf(x, training), rowsOf(y, training), {
        ridge,
        ...options,
        ...('weights' in options && { weights: Float64Array.from(training, (i) => weights[i]!) }),
      });
      const expected = await model.predict(rowsOf(x, left));
      expect(values[2 * left[0]!]).toBeCloseTo(expected.values[0]!, 10);
      expect(values[2 * left[0]! + 1]).toBeCloseTo(expected.values[1]!, 10);
    }
  });
});

describe('leaving one out with a tiny ridge', () => {
  const rowsOf = ({ values, shape: [, width] }: Matrix, rows: readonly number[]): Matrix => ({
    values: Float64Array.from(rows.flatMap((i) => [...values.slice(i * width, (i + 1) * width)])),
    shape: [rows.length, width],
  });

  test.each([
    [20, 50],
    [20, 21],
    [20, 20],
    [20, 19],
    [20, 18],
    [20, 6],
  ])('%d samples of %d features', async (samples, columns) => {
    const [x, y] = [matrix(samples, columns), matrix(samples, 1)];
    const weights = Float64Array.from({ length: samples }, () => 0.5 + random());
    for (const ridge of [1e-6, 1e-9, 1e-12]) {
      for (const given of [undefined, weights]) {
        const { values } = await RidgeRegression.leaveOneOut(x, y, { ridge, weights: given });
        for (let i = 0; i < samples; i++) {
          const others = [...y.values.keys()].filter((j) => j !== i);
          const model = await RidgeRegression.fit(rowsOf(x, others), rowsOf(y, others), {
            ridge,
            weights: given && Float64Array.from(others, (j) => given[j]!),
          });
          const [expected] = (await model.predict(rowsOf(x, [i]))).values;
          expect(Math.abs(values[i]! - expected!)).toBeLessThan(1e-7 * (1 + Math.abs(expected!)));
        }
      }
    }
  });

  test('says so where one sample alone has a feature, and a fit cannot tell', async () => {
    const x = matrix(20, 3);
    for (let i = 0; i < 20; i++) x.values[3 * i] = i === 7 ? 1 : 0;
    const leaveOut = RidgeRegression.leaveOneOut(x, matrix(20, 1), { ridge: 1e-12 });
    await expect(leaveOut).rejects.toEqual(failing({ code: 'NUMERICAL' }));
  });
});

test('a single sample cannot be left out', async () => {
  await expect(
    RidgeRegression.leaveOneOut(matrix(1, 3), matrix(1, 1), { ridge: 1 }),
  ).rejects.toEqual(failing({ code: 'INVALID_INPUT', path: 'features' }));
});

test('a tiny ridge finds the law that made the labels', async () => {
  const x = matrix(50, 4);
  const law = (row: number) =>
    [0, 1, 2, 3].reduce((sum, f) => sum + (f + 1) * x.values[4 * row + f]!, 7);
  const y: Matrix = { values: Float64Array.from({ length: 50 }, (_, i) => law(i)), shape: [50, 1] };
  const model = await RidgeRegression.fit(x, y, { ridge: 1e-10 });
  expect(model.intercept[0]).toBeCloseTo(7, 7);
  const { values } = await model.predict(x);
  expect(largest(values.map((value, i) => value - y.values[i]!))).toBeLessThan(1e-7);
});

test('constant features and targets do no harm', async () => {
  const x: Matrix = { values: new Float64Array(20).fill(2), shape: [10, 2] };
  const y: Matrix = { values: new Float64Array(10).fill(5), shape: [10, 1] };
  const model = await RidgeRegression.fit(x, y, { ridge: 0.1 });
  expect((await model.predict(x)).values[0]).toBeCloseTo(5, 12);
});

test('says what is wrong', async () => {
  const [x, y] = [matrix(5, 2), matrix(5, 1)];
  const fit = (features: Matrix, targets: Matrix, ridge = 1) =>
    RidgeRegression.fit(features, targets, { ridge });
  await expect(fit(x, matrix(4, 1))).rejects.toEqual(failing({ code: 'INVALID_INPUT' }));
  await expect(fit(x, y, 0)).rejects.toEqual(failing({ path: 'ridge' }));
  const bad = { ...y, values: y.values.map((v, i) => (i === 3 ? NaN : v)) };
  await expect(fit(x, bad)).rejects.toEqual(failing({ path: 'targets: row 3, column 0' }));
});
