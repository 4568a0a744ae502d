import { minimizeInBox } from '../../ts/regression/box-minimizer';
import type { Box, MinimizeOptions } from '../../ts/regression/box-minimizer';

type Smooth = (x: readonly number[]) => { value: number; gradient: number[] };

const rosenbrock: Smooth = (x) => {
  let value = 0;
  const gradient = x.map(() => 0);
  for (let k = 0; k + 1 < x.length; k++) {
    const [a, b] = [1 - x[k]!, x[k + 1]! - x[k]! ** 2];
    value += a * a + 100 * b * b;
    gradient[k]! += -2 * a - 400 * x[k]! * b;
    gradient[k + 1]! += 200 * b;
  }
  return { value, gradient };
};

const wide: Box = { least: [-9, -9, -9], most: [9, 9, 9] };
const usual: MinimizeOptions = { maxIterations: 200, gradientTolerance: 1e-7, longestStep: 1 };

async function minimize(f: Smooth, start: number[], box: Box, options = usual) {
  let evaluations = 1;
  const minimum = await minimizeInBox(
    (x) => {
      evaluations++;
      x.forEach((value, k) => {
        expect(value).toBeGreaterThanOrEqual(box.least[k]!);
        expect(value).toBeLessThanOrEqual(box.most[k]!);
      });
      return Promise.resolve(f(x));
    },
    { x: start, at: f(start) },
    box,
    options,
  );
  return { ...minimum, evaluations };
}

test('finds the end of a bent valley in few steps', async () => {
  const { x, converged, evaluations } = await minimize(rosenbrock, [-1.2, 1, 2], wide);
  expect(converged).toBe(true);
  x.forEach((value) => expect(value).toBeCloseTo(1, 6));
  expect(evaluations).toBeLessThan(100);
});

test('stops at the walls, where the slope leads outwards', async () => {
  const box = { least: [-9, -9, -9], most: [0.5, 9, 9] };
  const { x, at, converged } = await minimize(rosenbrock, [-1.2, 1, 2], box);
  expect(converged).toBe(true);
  expect(x[0]).toBe(0.5);
  expect(at.gradient[0]).toBeLessThan(-0.1);
  expect(Math.abs(at.gradient[1]!)).toBeLessThan(1e-6);
  expect(Math.abs(at.gradient[2]!)).toBeLessThan(1e-6);
});

test('leaves a wall that it came upon on the way', async () => {
  // Downhill along the second coordinate first; the wall of the first holds only there.
  const f: Smooth = ([a = 0, b = 0]) => ({
    value: (a - 2 * b + 1) ** 2 + (b - 2) ** 2,
    gradient: [2 * (a - 2 * b + 1), -4 * (a - 2 * b + 1) + 2 * (b - 2)],
  });
  const { x } = await minimize(f, [1, -3], { least: [0, -5], most: [10, 10] });
  expect(x[0]).toBeCloseTo(3, 6);
  expect(x[1]).toBeCloseTo(2, 6);
});

test('turns back where the function is not defined', async () => {
  const f: Smooth = ([a = 0]) => ({ value: a - Math.log(a), gradient: [1 - 1 / a] });
  const start = [8];
  const { x } = await minimizeInBox(
    ([a = 0]) => Promise.resolve(a > 0.5 ? f([a]) : undefined),
    { x: start, at: f(start) },
    { least: [-100], most: [100] },
    { ...usual, longestStep: 100 },
  );
  expect(x[0]).toBeCloseTo(1, 6);
});

test('says when iterations ran out, and reports falling values', async () => {
  const values: number[] = [];
  const { converged, at } = await minimize(rosenbrock, [-1.2, 1, 2], wide, {
    ...usual,
    maxIterations: 5,
    onIteration: (iteration, { value }) => (values[iteration - 1] = value),
  });
  expect(converged).toBe(false);
  expect(values).toHaveLength(5);
  expect(values.at(-1)).toBe(at.value);
  expect([...values].sort((a, b) => b - a)).toEqual(values);
});

test('a start without slope is the end', async () => {
  const { x, converged, evaluations } = await minimize(rosenbrock, [1, 1, 1], wide);
  expect([x, converged, evaluations]).toEqual([[1, 1, 1], true, 1]);
});
