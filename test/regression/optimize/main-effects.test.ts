import { atOnce } from '../../../ts/common/turns';
import { mainEffects } from '../../../ts/regression/optimize/main-effects';
import { evenPoint } from '../../../ts/regression/optimize/sequence';
import { Space } from '../../../ts/regression/optimize/space';

const space = new Space({
  x: { $uniform: [0, 1] },
  kind: { $choice: ['a', 'b'] },
  idle: { $integer: [1, 50] },
});

/** Trials all over the space. */
const trials = (count: number, score: (x: number, kind: string) => number | undefined) =>
  Array.from({ length: count }, (_, k) => {
    const point = evenPoint(k, 3, 7);
    const { x, kind } = space.namedValuesAt(point) as { x: number; kind: string };
    return { point, budget: 1, score: score(x, kind) };
  });

test('parts of the variance are those of the function', () => {
  // 12 (x − 1/2) has a variance of 12; ±2 one of 4.
  const history = trials(60, (x, kind) => 12 * (x - 0.5) + (kind === 'a' ? 2 : -2));
  const [x, kind, idle] = atOnce(mainEffects(space, history))!;
  expect(x!.part).toBeCloseTo(0.75, 1);
  expect(kind!.part).toBeCloseTo(0.25, 1);
  expect(idle!.part).toBeLessThan(0.01);
  expect(x!.part + kind!.part + idle!.part).toBeLessThanOrEqual(1 + 1e-12);
  expect(x!.expected.map(({ value }) => value).slice(0, 3)).toEqual([0, 0.05, 0.1]);
  expect(x!.expected[15]!.score).toBeCloseTo(3, 0);
  expect(kind!.expected.map(({ value }) => value)).toEqual(['a', 'b']);
  expect(kind!.expected[0]!.score).toBeCloseTo(2, 0);
});

test('what settings do together belongs to none of them', () => {
  const history = trials(80, (x, kind) => (x - 0.5) * (kind === 'a' ? 1 : -1));
  const effects = atOnce(mainEffects(space, history))!;
  expect(effects.reduce((sum, { part }) => sum + part, 0)).toBeLessThan(0.1);
});

test('equal scores have no cause, and few trials say nothing', () => {
  const flat = atOnce(
    mainEffects(
      space,
      trials(20, () => 0.1),
    ),
  )!;
  expect(flat.map(({ part }) => part)).toEqual([0, 0, 0]);
  expect(
    atOnce(
      mainEffects(
        space,
        trials(6, (x) => x),
      ),
    ),
  ).toBeUndefined();
  const failing = trials(12, (x) => (x < 0.6 ? undefined : x));
  expect(atOnce(mainEffects(space, failing))).toBeUndefined();
});

test('more trials than are fitted are taken from all, bad and good', () => {
  const [x] = atOnce(
    mainEffects(
      space,
      trials(250, (value) => value),
    ),
  )!;
  expect(x!.expected[0]!.score).toBeCloseTo(0, 1);
  expect(x!.expected[20]!.score).toBeCloseTo(1, 1);
}, 20_000);
