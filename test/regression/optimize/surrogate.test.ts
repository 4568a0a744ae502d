import { atOnce } from '../../../ts/common/turns';
import {
  expectedImprovement,
  normalDistribution,
} from '../../../ts/regression/optimize/acquisition';
import { Space } from '../../../ts/regression/optimize/space';
import { evenPoint } from '../../../ts/regression/optimize/sequence';
import { Surrogate } from '../../../ts/regression/optimize/surrogate';

const { dimensions } = new Space({ x: { $uniform: [0, 1] }, y: { $uniform: [0, 1] } });
const smooth = ([x, y]: readonly number[]) => 100 + Math.sin(4 * x!) + (y! - 0.3) ** 2;
const points = Array.from({ length: 40 }, (_, k) => evenPoint(k, 2, 1));
const surrogate = atOnce(Surrogate.fitting(dimensions, points, points.map(smooth)));

test('the surrogate knows a smooth function where it has seen it, and between', () => {
  for (let k = 0; k < 20; k++) {
    const point = evenPoint(k, 2, 99).map((x) => 0.1 + 0.8 * x);
    const { mean, deviation } = surrogate.at(point);
    expect(Math.abs(mean - smooth(point))).toBeLessThan(0.05);
    expect(deviation).toBeLessThan(0.1);
  }
});

test('it is uncertain where it has seen nothing', () => {
  const corner = points.filter(([x, y]) => x! < 0.5 && y! < 0.5);
  const local = atOnce(Surrogate.fitting(dimensions, corner, corner.map(smooth)));
  expect(local.at([1, 1]).deviation).toBeGreaterThan(5 * local.at(corner[0]!).deviation);
});

test('values without an order are alike or not', () => {
  const choice = new Space({ c: { $choice: ['a', 'b', 'c'] } }).dimensions;
  const [a, b, c] = [[1 / 6], [0.5], [5 / 6]] as const;
  const three = atOnce(Surrogate.fitting(choice, [a, a, b, b], [1, 1.1, 3, 3.1]));
  expect(three.at(a).mean).toBeCloseTo(1.05, 1);
  expect(three.at(b).mean).toBeCloseTo(3.05, 1);
  // The third is as far from the first as from the second.
  expect(three.at(c).mean).toBeCloseTo(2.05, 6);
  expect(three.at(c).deviation).toBeGreaterThan(three.at(a).deviation);
});

test('equal scores are no obstacle', () => {
  const flat = atOnce(Surrogate.fitting(dimensions, points.slice(0, 5), [2, 2, 2, 2, 2]));
  expect(flat.at([0.5, 0.5]).mean).toBeCloseTo(2, 9);
});

test('expected improvement is the integral that it stands for', () => {
  const [mean, deviation, best] = [1.3, 0.7, 1.0];
  const steps = 20_000;
  let sum = 0;
  for (let k = 0; k < steps; k++) {
    const z = -8 + (16 * (k + 0.5)) / steps;
    const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
    sum += (Math.max(0, best - mean - deviation * z) * density * 16) / steps;
  }
  expect(expectedImprovement({ mean, deviation }, best)).toBeCloseTo(sum, 6);
  expect(expectedImprovement({ mean: 0.4, deviation: 0 }, best)).toBeCloseTo(0.6, 12);
  expect(expectedImprovement({ mean: 2, deviation: 0 }, best)).toBe(0);
});

test('the normal distribution has its quantiles', () => {
  expect(normalDistribution(0)).toBeCloseTo(0.5, 6);
  expect(normalDistribution(1.959964)).toBeCloseTo(0.975, 6);
  expect(normalDistribution(-1.281552)).toBeCloseTo(0.1, 6);
});
