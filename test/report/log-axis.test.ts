import { logRange, logTicks } from '../../ts/report/charts/log-axis';

test.each([
  [{ min: 8, max: 520 }, [10, 20, 50, 100, 200, 500]],
  [{ min: 0.9, max: 30_000 }, [1, 10, 100, 1000, 10_000]],
  [{ min: 1.1, max: 900 }, [2, 5, 10, 20, 50, 100, 200, 500]],
  [{ min: 0.0008, max: 0.04 }, [0.001, 0.002, 0.005, 0.01, 0.02]],
  [{ min: 18, max: 44 }, [20, 25, 30, 40]],
])('ticks of %p are round numbers within it, and neither few nor many', (range, ticks) => {
  expect(logTicks(range)).toEqual(ticks);
});

test('a range holds all numbers > 0 and leaves a margin', () => {
  const { min, max } = logRange([5, 0, 500, NaN, Infinity, -1]);
  expect(min).toBeLessThan(5);
  expect(max).toBeGreaterThan(500);
  expect(5 / min).toBeCloseTo(max / 500, 10);
  expect(logRange([3]).max).toBeGreaterThan(3);
  expect(logRange([]).min).toBeGreaterThan(0);
});
