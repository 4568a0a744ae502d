import { symmetricEigensystem } from '../../ts/math/symmetric-eigen';
import { randomNumbers } from '../properties/structures';

const random = randomNumbers(5);
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, k) => sum + x * b[k]!, 0);

test.each([1, 2, 3, 8, 20])('eigenvectors of a random matrix of size %d', (size) => {
  const half = Array.from({ length: size }, () => Array.from({ length: size }, random));
  const matrix = half.map((row, i) => row.map((x, k) => x + half[k]![i]!));
  const { values, vectors } = symmetricEigensystem(matrix);
  expect([...values].sort((a, b) => b - a)).toEqual(values);
  vectors.forEach((vector, i) => {
    const image = matrix.map((row) => dot(row, vector));
    image.forEach((x, k) => expect(x).toBeCloseTo(values[i]! * vector[k]!, 12));
    vectors.forEach((other, k) => expect(dot(vector, other)).toBeCloseTo(Number(i === k), 13));
    const largest = vector.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most));
    expect(largest).toBeGreaterThan(0);
  });
});

test('eigenvalues over many orders of magnitude, and none at all', () => {
  const { values } = symmetricEigensystem([
    [1, 1e-6, 0],
    [1e-6, 2e-12, 0],
    [0, 0, 1e-20],
  ]);
  expect(values[0]).toBeCloseTo(1, 11);
  expect(values[1]! / 1e-12).toBeCloseTo(1, 3);
  expect(
    symmetricEigensystem([
      [0, 0],
      [0, 0],
    ]),
  ).toEqual({
    values: [0, 0],
    vectors: [
      [1, 0],
      [0, 1],
    ],
  });
});
