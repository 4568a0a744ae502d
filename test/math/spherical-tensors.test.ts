import { sphericalHarmonicsSync, toCartesian, toSpherical } from '../../ts';
import { randomNumbers } from '../../ts/common/random';
import { failing } from '../failing';
import { rotation as rotationOf } from '../properties/structures';

const random = randomNumbers(11);
const numbers = (count: number) => Float64Array.from({ length: count }, () => random() - 0.5);

test.each([0, 1, 2, 3])('tensors of rank %d come back, with the same square', (rank) => {
  const values = numbers(5 * 3 ** rank);
  const parts = toSpherical(values, rank);
  const square = (x: Float64Array) => x.reduce((sum, v) => sum + v * v, 0);
  expect(parts.reduce((sum, part) => sum + square(part.values.values), 0)).toBeCloseTo(
    square(values),
    12,
  );
  const back = toCartesian(parts, rank, 5);
  expect(Math.max(...back.map((x, i) => Math.abs(x - values[i]!)))).toBeLessThan(1e-14);
});

test('a matrix is its trace, an antisymmetric and a symmetric part', () => {
  const [trace, antisymmetric, symmetric] = toSpherical(
    Float64Array.of(1, 2, 3, 2, 5, 6, 3, 6, 9),
    2,
  );
  expect([trace!.lambda, antisymmetric!.lambda, symmetric!.lambda]).toEqual([0, 1, 2]);
  expect([trace!.sigma, antisymmetric!.sigma, symmetric!.sigma]).toEqual([1, -1, 1]);
  expect(Math.abs(trace!.values.values[0]!)).toBeCloseTo(15 / Math.sqrt(3), 12);
  expect(Math.max(...antisymmetric!.values.values.map(Math.abs))).toBeLessThan(1e-14);
});

test('a vector is y, z, x', () => {
  const [part] = toSpherical(Float64Array.of(1, 2, 3), 1);
  [2, 3, 1].forEach((x, mu) => expect(part!.values.values[mu]).toBeCloseTo(x, 14));
});

test.each([1, 2, 3])('parts of rank %d turn like harmonics', (rank) => {
  const rotation = rotationOf(5);
  const values = numbers(3 ** rank);
  let turned = values;
  // Turns one index after the other: each pass turns the last and brings the next one there.
  for (let index = 0; index < rank; index++) {
    const rest = 3 ** (rank - 1);
    const next = new Float64Array(values.length);
    for (let k = 0; k < rest; k++) {
      for (let a = 0; a < 3; a++) {
        for (let b = 0; b < 3; b++)
          next[a * rest + k]! += rotation[3 * a + b]! * turned[3 * k + b]!;
      }
    }
    turned = next;
  }
  const directions = numbers(300);
  const turnedDirections = new Float64Array(300);
  for (let d = 0; d < 100; d++) {
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++)
        turnedDirections[3 * d + a]! += rotation[3 * a + b]! * directions[3 * d + b]!;
    }
  }
  const [before, after] = [toSpherical(values, rank), toSpherical(turned, rank)];
  const harmonics = [directions, turnedDirections].map(
    (vectors) => sphericalHarmonicsSync(vectors, rank).values,
  );
  // Σ_μ T_μ Y_λμ(r) is the same number after both have turned.
  before.forEach(({ lambda, copies, values: part }, p) => {
    const width = (rank + 1) ** 2;
    const field = (numbers: Float64Array, own: Float64Array, d: number, copy: number) => {
      let sum = 0;
      for (let mu = 0; mu < 2 * lambda + 1; mu++) {
        sum += numbers[mu * copies + copy]! * own[d * width + lambda * lambda + mu]!;
      }
      return sum;
    };
    for (let copy = 0; copy < copies; copy++) {
      for (let d = 0; d < 100; d++) {
        const wanted = field(part.values, harmonics[0]!, d, copy);
        expect(field(after[p]!.values.values, harmonics[1]!, d, copy)).toBeCloseTo(wanted, 12);
      }
    }
  });
});

test('says what is wrong', () => {
  expect(() => toSpherical(new Float64Array(3), 4)).toThrow(failing({ code: 'INVALID_INPUT' }));
  expect(() => toSpherical(new Float64Array(4), 1)).toThrow(failing({ code: 'INVALID_INPUT' }));
});
